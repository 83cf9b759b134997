//! Conversions: which exist between two types, and the nodes they become.

use base::Span;

use super::{Binder, Operand};
use crate::{
    ir::{Arg, Conversion, Expr, Kind},
    surface::{Constraint, MemberId},
    ty::{Prim, TupleTy, Ty},
    value::{Const, Value},
};

/// How one type becomes another.
#[derive(Clone, Debug)]
pub(super) enum Conv {
    /// Nothing happens at run time: identity, reference to a base, boxing, `T` to `T?`, null.
    Same,
    /// Between numbers and enums; through `T?` where either side is one.
    Numeric,
    /// Checked at run time.
    Cast,
    /// `T?` to `T`, then what follows.
    Unwrap(Box<Conv>),
    /// A conversion operator, between two built-in conversions.
    User { member: MemberId, types: Vec<Ty>, from: Ty, to: Ty },
    /// Item by item.
    Tuple(Vec<Conv>),
    /// `T?` to `U?`: the conversion of the values.
    Lifted(Box<Conv>),
}

/// Whether `from` widens to `to`.
pub(super) fn widens(from: Prim, to: Prim) -> bool {
    use Prim::*;
    match from {
        SByte => matches!(to, Short | Int | Long | Float | Double | Decimal),
        Byte => matches!(to, Short | UShort | Int | UInt | Long | ULong | Float | Double | Decimal),
        Short => matches!(to, Int | Long | Float | Double | Decimal),
        UShort => matches!(to, Int | UInt | Long | ULong | Float | Double | Decimal),
        Int => matches!(to, Long | Float | Double | Decimal),
        UInt => matches!(to, Long | ULong | Float | Double | Decimal),
        Long | ULong => matches!(to, Float | Double | Decimal),
        Char => matches!(to, UShort | Int | UInt | Long | ULong | Float | Double | Decimal),
        Float => matches!(to, Double),
        Object | String | Bool | Double | Decimal => false,
    }
}

impl<'a> Binder<'a> {
    /// The built-in implicit conversion between types.
    pub(super) fn standard(&self, from: &Ty, to: &Ty) -> Option<Conv> {
        if from == to || *from == Ty::Error || *to == Ty::Error {
            return Some(Conv::Same);
        }
        if *from == Ty::Void || *to == Ty::Void {
            return None;
        }
        match (from, to) {
            (Ty::Null, to) => return (to.is_reference_type() || to.is_nullable()).then_some(Conv::Same),
            (Ty::Prim(from), Ty::Prim(to)) if widens(*from, *to) => return Some(Conv::Numeric),
            (Ty::Nullable(from), Ty::Nullable(to)) => {
                return self.standard(from, to).map(|inner| Conv::Lifted(Box::new(inner)));
            }
            (from, Ty::Nullable(to)) => return self.standard(from, to),
            (Ty::Tuple(from), Ty::Tuple(to)) => return self.tuple(from, to, |from, to| self.standard(from, to)),
            (Ty::Nullable(inner), to) if !to.is_value_type() => {
                return self.surface.is_a(inner, to).then_some(Conv::Same);
            }
            _ => {}
        }
        (self.surface.is_a(from, to) && !matches!(to, Ty::Nullable(_))).then_some(Conv::Same)
    }

    fn tuple(&self, from: &TupleTy, to: &TupleTy, each: impl Fn(&Ty, &Ty) -> Option<Conv>) -> Option<Conv> {
        if from.items.len() != to.items.len() {
            return None;
        }
        from.items.iter().zip(&to.items).map(|(from, to)| each(from, to)).collect::<Option<Vec<_>>>().map(Conv::Tuple)
    }

    /// The implicit conversion between types, operators included.
    pub(super) fn implicit(&self, from: &Ty, to: &Ty) -> Option<Conv> {
        self.standard(from, to).or_else(|| match (from, to) {
            (Ty::Tuple(from), Ty::Tuple(to)) => self.tuple(from, to, |from, to| self.implicit(from, to)),
            _ => self.user_defined(from, to, false),
        })
    }

    /// The implicit conversion of an expression: constants convert where they fit.
    pub(super) fn implicit_of(&self, expr: &Expr, to: &Ty) -> Option<Conv> {
        if let Kind::Tuple(from, items) = &expr.kind
            && let Ty::Tuple(to) = to.unwrap_nullable()
            && from.items.len() == to.items.len()
        {
            return items
                .iter()
                .zip(&to.items)
                .map(|(item, to)| self.implicit_of(item, to))
                .collect::<Option<Vec<_>>>()
                .map(Conv::Tuple);
        }
        if let Some(conv) = self.standard(&expr.ty, to) {
            return Some(conv);
        }
        if let Some(value) = expr.as_const() {
            let target = to.unwrap_nullable();
            match value {
                Const::Int(0) if target.is_enum() => return Some(Conv::Numeric),
                Const::Int(number) if expr.ty == Ty::INT => {
                    if let Some(Prim::SByte | Prim::Byte | Prim::Short | Prim::UShort | Prim::UInt | Prim::ULong) =
                        target.prim()
                        && Const::integer(target, i64::from(*number)).is_some()
                    {
                        return Some(Conv::Numeric);
                    }
                }
                Const::Long(number) if expr.ty == Ty::LONG && *number >= 0 && *target == Ty::ULONG => {
                    return Some(Conv::Numeric);
                }
                _ => {}
            }
        }
        self.implicit(&expr.ty, to)
    }

    /// The explicit conversion between types.
    pub(super) fn explicit(&self, from: &Ty, to: &Ty) -> Option<Conv> {
        self.explicit_standard(from, to).or_else(|| self.user_defined(from, to, true))
    }

    fn explicit_standard(&self, from: &Ty, to: &Ty) -> Option<Conv> {
        if let Some(conv) = self.standard(from, to) {
            return Some(conv);
        }
        let numeric = |ty: &Ty| ty.prim().is_some_and(Prim::is_numeric) || ty.is_enum();
        match (from, to) {
            (from, to) if numeric(from) && numeric(to) => Some(Conv::Numeric),
            (Ty::Nullable(from), Ty::Nullable(to)) => {
                self.explicit_standard(from, to).map(|inner| Conv::Lifted(Box::new(inner)))
            }
            (from, Ty::Nullable(to)) if from.is_value_type() => self.explicit_standard(from, to),
            (Ty::Nullable(from), to) if to.is_value_type() => {
                self.explicit_standard(from, to).map(|inner| Conv::Unwrap(Box::new(inner)))
            }
            (Ty::Tuple(from), Ty::Tuple(to)) => self.tuple(from, to, |from, to| self.explicit_standard(from, to)),
            _ => self.can_cast(from, to).then_some(Conv::Cast),
        }
    }

    /// Whether a value of static type `from` may turn out to be a `to`.
    fn can_cast(&self, from: &Ty, to: &Ty) -> bool {
        if matches!(from, Ty::Param(..)) || matches!(to, Ty::Param(..)) {
            return true;
        }
        if self.surface.is_a(to.unwrap_nullable(), from) && !from.is_value_type() {
            return true; // down-cast, unboxing
        }
        let sealed = |ty: &Ty| {
            ty.is_value_type()
                || ty.is_delegate()
                || matches!(ty, Ty::Prim(Prim::String) | Ty::Array(..) | Ty::Anonymous(_) | Ty::Null)
        };
        match (from.is_interface(), to.is_interface()) {
            (true, true) => true,
            (true, false) => !sealed(to),
            (false, true) => !sealed(from),
            (false, false) => match (from, to) {
                (Ty::Array(from, rank), Ty::Array(to, other)) => {
                    rank == other && from.is_reference_type() && to.is_reference_type() && self.can_cast(from, to)
                }
                (from, to) if from.is_delegate() && to.is_delegate() => {
                    from.def().map(|def| def.name) == to.def().map(|def| def.name)
                }
                _ => false,
            },
        }
    }

    /// The conversion operator that takes `from` to `to`, if exactly one fits best.
    fn user_defined(&self, from: &Ty, to: &Ty, explicit: bool) -> Option<Conv> {
        if from.is_interface() && !explicit
            || to.is_interface()
            || *to == Ty::OBJECT
            || *from == Ty::OBJECT
            || *from == Ty::Null
        {
            return None;
        }
        let mut found: Vec<(MemberId, Vec<Ty>, Ty, Ty)> = Vec::new();
        for side in [from.unwrap_nullable(), to.unwrap_nullable()] {
            let mut class = Some(side.clone());
            while let Some(current) = class {
                if let Some(info) = self.surface.info_of(&current) {
                    let names: &[&str] = if explicit { &["op implicit", "op explicit"] } else { &["op implicit"] };
                    for id in names.iter().filter_map(|name| info.by_name.get(name)).flatten() {
                        let types = self.surface.type_args(&current).to_vec();
                        let member = self.surface.member(*id);
                        let Some(param) = member.params.first() else { continue };
                        let (source, target) = (param.ty.substitute(&types), member.returns.substitute(&types));
                        let fits = |from: &Ty, to: &Ty| {
                            self.standard(from, to).is_some()
                                || (explicit && self.explicit_standard(from, to).is_some())
                        };
                        let takes = fits(from, &source)
                            || (explicit && from.is_nullable() && fits(from.unwrap_nullable(), &source));
                        if takes && fits(&target, to) && !found.iter().any(|(known, ..)| known == id) {
                            found.push((*id, types, source, target));
                        }
                    }
                }
                class = self.surface.base(&current);
            }
        }
        // The most specific source, then the most specific target: an exact one, else the nearest.
        let rank = |distance: &Ty, wanted: &Ty, incoming: bool| -> u8 {
            let (near, far) = if incoming { (wanted, distance) } else { (distance, wanted) };
            match () {
                () if distance == wanted => 0,
                () if distance.unwrap_nullable() == wanted.unwrap_nullable() => 1,
                () if self.standard(near, far).is_some() => 2,
                () => 3,
            }
        };
        let key = |entry: &(MemberId, Vec<Ty>, Ty, Ty)| (rank(&entry.2, from, true), rank(&entry.3, to, false));
        let best = found.iter().map(key).min()?;
        let mut best: Vec<_> = found.into_iter().filter(|entry| key(entry) == best).collect();
        if best.len() > 1 {
            // Among equals the one whose source converts to all others' sources, and likewise the target.
            let nearest = best.iter().position(|entry| {
                best.iter().all(|other| {
                    self.standard(&entry.2, &other.2).is_some() && self.nearer_target(&entry.3, &other.3, to)
                })
            })?;
            best.swap(0, nearest);
        }
        let (member, types, source, target) = best.swap_remove(0);
        Some(Conv::User { member, types, from: source, to: target })
    }

    /// Whether converting through `one` loses no more on the way to `to` than through `other`.
    fn nearer_target(&self, one: &Ty, other: &Ty, to: &Ty) -> bool {
        if self.standard(one, to).is_some() && self.standard(other, to).is_some() {
            return self.standard(other, one).is_some();
        }
        self.standard(one, other).is_some()
    }

    /// The node of a conversion.
    pub(super) fn apply(&mut self, expr: Expr, conv: Conv, to: &Ty) -> Expr {
        let span = expr.span;
        if expr.is_error() || *to == Ty::Error {
            return Expr { ty: to.clone(), ..expr };
        }
        match conv {
            Conv::Same => {
                if expr.ty == *to && !matches!(to, Ty::Tuple(_)) {
                    return expr;
                }
                // A constant keeps being one where the type stays in the realm of constants.
                if let (Kind::Const(_), true) = (&expr.kind, matches!(to, Ty::Prim(Prim::String)) || to.is_enum()) {
                    return Expr { ty: to.clone(), ..expr };
                }
                Expr::new(Kind::Convert(Conversion::Same, Box::new(expr)), to.clone(), span)
            }
            Conv::Numeric => self.numeric(expr, to),
            Conv::Cast => Expr::new(Kind::Convert(Conversion::Cast, Box::new(expr)), to.clone(), span),
            Conv::Unwrap(inner) => {
                let value = expr.ty.unwrap_nullable().clone();
                let unwrapped = Expr::new(Kind::Convert(Conversion::Unwrap, Box::new(expr)), value, span);
                self.apply(unwrapped, *inner, to)
            }
            Conv::Lifted(inner) => {
                if matches!(*inner, Conv::Same) {
                    return Expr::new(Kind::Convert(Conversion::Same, Box::new(expr)), to.clone(), span);
                }
                let var = self.temp(expr.ty.unwrap_nullable().clone());
                let value = self.var(var, span);
                let body = self.apply(value, *inner, to.unwrap_nullable());
                let kind = Kind::Lifted { operands: vec![(var, expr)], body: Box::new(body), null: Const::Null };
                Expr::new(kind, to.clone(), span)
            }
            Conv::Tuple(items) => self.apply_tuple(expr, items, to),
            Conv::User { member, types, from, to: target } => {
                let argument = self.explicitly(expr, &from);
                let call = Expr::new(
                    Kind::Call { member, args: vec![Arg::Value(argument)], types: types.into(), created: None },
                    target,
                    span,
                );
                self.note_use(member, span);
                self.explicitly(call, to)
            }
        }
    }

    /// A conversion known to exist, explicit if need be.
    fn explicitly(&mut self, expr: Expr, to: &Ty) -> Expr {
        match self.explicit_standard(&expr.ty, to) {
            Some(conv) => self.apply(expr, conv, to),
            None => Expr { ty: to.clone(), ..expr },
        }
    }

    fn apply_tuple(&mut self, expr: Expr, items: Vec<Conv>, to: &Ty) -> Expr {
        let span = expr.span;
        let Ty::Tuple(target) = to.unwrap_nullable().clone() else { return expr };
        if let Kind::Tuple(_, values) = expr.kind {
            let values =
                values.into_iter().zip(items).zip(&target.items).map(|((value, conv), to)| self.apply(value, conv, to));
            let values: Vec<_> = values.collect();
            return Expr::new(Kind::Tuple(target, values), to.clone(), span);
        }
        if items.iter().all(|conv| matches!(conv, Conv::Same)) {
            return Expr::new(Kind::Convert(Conversion::Retype, Box::new(expr)), to.clone(), span);
        }
        let Ty::Tuple(source) = expr.ty.clone() else { return expr };
        let var = self.temp(expr.ty.clone());
        let mut values = Vec::new();
        for (at, (conv, (from, to))) in items.into_iter().zip(source.items.iter().zip(&target.items)).enumerate() {
            let whole = self.var(var, span);
            let item = Expr::new(Kind::Field(Box::new(whole), at), from.clone(), span);
            values.push(self.apply(item, conv, to));
        }
        let body = Expr::new(Kind::Tuple(target, values), to.clone(), span);
        Expr::new(Kind::Let { var, value: Box::new(expr), body: Box::new(body) }, to.clone(), span)
    }

    /// A numeric conversion; a constant is converted at once.
    fn numeric(&mut self, expr: Expr, to: &Ty) -> Expr {
        let span = expr.span;
        let target = to.unwrap_nullable();
        if let Some(value) = expr.as_const() {
            let checked = self.checked != Some(false);
            match crate::arith::convert(&value.value(), target, checked) {
                Ok(value) => {
                    let constant = Expr::constant(Const::of(&value).unwrap_or(Const::Null), target.clone(), span);
                    return if to.is_nullable() { self.apply(constant, Conv::Same, to) } else { constant };
                }
                Err(_) => {
                    if to.is_nullable() {
                        let text = format!("Cannot convert type '{}' to '{}'", qualified(&expr.ty), qualified(to));
                        self.error("CS0030", text, span);
                        return Expr::error(span);
                    }
                    let text = self.constant_text(value);
                    let is_decimal = matches!(value, Const::Decimal(_)) || *target == Ty::DECIMAL;
                    let code = if is_decimal { "CS0031" } else { "CS0221" };
                    let hint = if code == "CS0221" { " (use 'unchecked' syntax to override)" } else { "" };
                    self.error(
                        code,
                        format!("Constant value '{text}' cannot be converted to a '{target}'{hint}"),
                        span,
                    );
                    return Expr::error(span);
                }
            }
        }
        let checked = self.checked == Some(true);
        let node = Expr::new(Kind::Convert(Conversion::Numeric { checked }, Box::new(expr)), target.clone(), span);
        if to.is_nullable() { self.apply(node, Conv::Same, to) } else { node }
    }

    /// A constant as messages print it.
    pub(super) fn constant_text(&self, value: &Const) -> String {
        match value {
            Const::Null => "null".into(),
            value => (self.surface.hooks().text)(&value.value()).to_text().into_owned(),
        }
    }

    /// An operand converted implicitly to `to`; reports if that is not possible.
    pub(super) fn coerce(&mut self, operand: Operand<'a>, to: &Ty, span: Span) -> Expr {
        match operand {
            Operand::Value(expr) => self.coerce_value(expr, to),
            Operand::Default => self.default_of(to, span),
            Operand::Lambda(lambda) => self.lambda(&lambda, to),
            Operand::Methods(group) => self.method_group(group, to),
            Operand::Throw(inner) => Expr::new(Kind::Throw(inner), to.clone(), span),
            Operand::Type(..) | Operand::Namespace(..) => self.value_of(operand, span),
        }
    }

    /// A value converted implicitly to `to`; reports if that is not possible.
    pub(super) fn coerce_value(&mut self, expr: Expr, to: &Ty) -> Expr {
        match self.implicit_of(&expr, to) {
            Some(conv) => self.apply(expr, conv, to),
            None => {
                self.report_conversion(&expr, to);
                Expr { kind: Kind::Error, ty: to.clone(), span: expr.span }
            }
        }
    }

    pub(super) fn report_conversion(&mut self, expr: &Expr, to: &Ty) {
        if *to == Ty::Error || expr.is_error() {
            return;
        }
        let span = expr.span;
        if expr.ty == Ty::Void {
            return self.error("CS0029", format!("Cannot implicitly convert type 'void' to '{}'", qualified(to)), span);
        }
        if expr.ty == Ty::Null {
            return self.error(
                "CS0037",
                format!("Cannot convert null to '{to}' because it is a non-nullable value type"),
                span,
            );
        }
        if let Some(value) = expr.as_const()
            && let Some(target) = to.unwrap_nullable().prim()
        {
            let suffix = match target {
                Prim::Float => Some('F'),
                Prim::Decimal => Some('M'),
                _ => None,
            };
            if let (Const::Double(_), Some(suffix)) = (value, suffix) {
                let text = format!(
                    "Literal of type double cannot be implicitly converted to type '{to}'; use an '{suffix}' suffix to create a literal of this type"
                );
                return self.error("CS0664", text, span);
            }
            let integral = |ty: &Ty| ty.prim().is_some_and(Prim::is_integral) && *ty != Ty::CHAR;
            let fits_nowhere = matches!(value, Const::Int(_) | Const::UInt(_) | Const::Long(_) | Const::ULong(_));
            if fits_nowhere
                && integral(&expr.ty)
                && integral(to.unwrap_nullable())
                && (expr.ty == Ty::INT || target == Prim::ULong)
            {
                let text = self.constant_text(value);
                return self.error("CS0031", format!("Constant value '{text}' cannot be converted to a '{to}'"), span);
            }
        }
        let (from, to_text) = (qualified(&expr.ty), qualified(to));
        if self.explicit(&expr.ty, to).is_some() {
            self.error(
                "CS0266",
                format!("Cannot implicitly convert type '{from}' to '{to_text}'. An explicit conversion exists (are you missing a cast?)"),
                span,
            );
        } else {
            self.error("CS0029", format!("Cannot implicitly convert type '{from}' to '{to_text}'"), span);
        }
    }

    /// `(T)x`.
    pub(super) fn cast(&mut self, operand: Operand<'a>, to: &Ty, span: Span) -> Expr {
        let expr = match operand {
            Operand::Value(expr) => expr,
            other => {
                let mut expr = self.coerce(other, to, span);
                expr.span = span;
                return expr;
            }
        };
        if expr.is_error() || *to == Ty::Error {
            return Expr { ty: to.clone(), kind: Kind::Error, span };
        }
        if super::declaration::is_static(to) {
            self.error("CS0716", format!("Cannot convert to static type '{to}'"), span);
            return Expr { ty: to.clone(), kind: Kind::Error, span };
        }
        let conv = self.implicit_of(&expr, to).or_else(|| match (&expr.kind, to) {
            (Kind::Tuple(from, items), Ty::Tuple(target)) if from.items.len() == target.items.len() => items
                .iter()
                .zip(&target.items)
                .map(|(item, to)| self.implicit_of(item, to).or_else(|| self.explicit(&item.ty, to)))
                .collect::<Option<Vec<_>>>()
                .map(Conv::Tuple),
            _ => self.explicit(&expr.ty, to),
        });
        match conv {
            Some(conv) => {
                let mut node = self.apply(Expr { span, ..expr }, conv, to);
                node.span = span;
                node
            }
            None if expr.ty == Ty::Null => {
                self.error(
                    "CS0037",
                    format!("Cannot convert null to '{to}' because it is a non-nullable value type"),
                    span,
                );
                Expr { kind: Kind::Error, ty: to.clone(), span }
            }
            None => {
                self.error(
                    "CS0030",
                    format!("Cannot convert type '{}' to '{}'", qualified(&expr.ty), qualified(to)),
                    span,
                );
                Expr { kind: Kind::Error, ty: to.clone(), span }
            }
        }
    }

    /// `default(T)`.
    pub(super) fn default_of(&mut self, ty: &Ty, span: Span) -> Expr {
        match ty {
            Ty::Tuple(_) | Ty::Param(..) => Expr::new(Kind::Default, ty.clone(), span),
            Ty::Named(def, args)
                if !ty.is_enum() && ty.is_value_type() && (!args.is_empty() || def.0.word.is_none()) =>
            {
                Expr::new(Kind::Default, ty.clone(), span)
            }
            _ => Expr::constant(Const::default_of(ty), ty.clone(), span),
        }
    }

    /// Whether `ty` may stand for a parameter with this constraint.
    pub(super) fn satisfies(&self, ty: &Ty, constraint: Constraint) -> bool {
        match constraint {
            Constraint::None => true,
            Constraint::Class => ty.is_reference_type() || *ty == Ty::Error,
            Constraint::Struct => ty.is_value_type() && !ty.is_nullable() || *ty == Ty::Error,
        }
    }

    /// The value of a constant expression.
    pub(super) fn value_of_const(expr: &Expr) -> Option<Value> {
        expr.as_const().map(Const::value)
    }
}

/// A type as conversion errors print it: with namespaces.
pub(super) fn qualified(ty: &Ty) -> String {
    match ty {
        Ty::Named(def, args) if !args.is_empty() => {
            let args: Vec<_> = args.iter().map(qualified).collect();
            format!("{}<{}>", def.0.name.replace('+', "."), args.join(", "))
        }
        Ty::Named(def, _) => def.0.name.replace('+', "."),
        Ty::Array(element, rank) => format!("{}[{}]", qualified(element), ",".repeat(*rank as usize - 1)),
        Ty::Nullable(inner) => format!("{}?", qualified(inner)),
        other => other.to_string(),
    }
}
