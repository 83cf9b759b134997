//! Reads the C# signature text of a member row.

use super::{Constraint, Mode, Param, Role, TypeParam};
use crate::{ty::Ty, value::Const};

/// A signature, read.
#[derive(Debug)]
pub(super) struct Signature {
    pub(super) name: String,
    pub(super) role: Role,
    pub(super) is_static: bool,
    pub(super) is_extension: bool,
    pub(super) readable: bool,
    pub(super) type_params: Vec<TypeParam>,
    pub(super) params: Vec<Param>,
    pub(super) returns: Ty,
}

/// Finds a type by its name (which may be qualified) and type arguments.
pub(super) type Resolve<'a> = &'a dyn Fn(&str, Vec<Ty>) -> Option<Ty>;

/// Reads one signature. `class` is the simple name of the declaring type and `outer` its type parameters.
pub(super) fn read(
    text: &'static str,
    class: &str,
    own: &Ty,
    outer: &[&'static str],
    resolve: Resolve<'_>,
) -> Result<Signature, String> {
    let mut reader = Reader { tokens: tokens(text), at: 0, outer, inner: Vec::new(), resolve };
    reader.signature(class, own).map_err(|why| format!("`{text}`: {why}"))
}

/// Reads a type such as `IDictionary<TKey, TValue>`.
pub(super) fn read_type(text: &'static str, outer: &[&'static str], resolve: Resolve<'_>) -> Result<Ty, String> {
    let mut reader = Reader { tokens: tokens(text), at: 0, outer, inner: Vec::new(), resolve };
    reader.ty().map_err(|why| format!("`{text}`: {why}"))
}

/// Names and numbers, strings with their quotes, and single punctuation characters.
fn tokens(text: &'static str) -> Vec<&'static str> {
    let (bytes, mut at, mut out) = (text.as_bytes(), 0, Vec::new());
    while at < bytes.len() {
        let start = at;
        let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        match bytes[at] {
            byte if byte.is_ascii_whitespace() => {
                at += 1;
                continue;
            }
            quote @ (b'"' | b'\'') => {
                at += 1;
                while at < bytes.len() && bytes[at] != quote {
                    at += 1;
                }
                at += 1;
            }
            byte if word(byte) => {
                while at < bytes.len() && word(bytes[at]) {
                    at += 1;
                }
            }
            _ => at += 1,
        }
        out.extend(text.get(start..at.min(bytes.len())));
    }
    out
}

struct Reader<'a> {
    tokens: Vec<&'static str>,
    at: usize,
    outer: &'a [&'static str],
    inner: Vec<&'static str>,
    resolve: Resolve<'a>,
}

impl Reader<'_> {
    fn signature(&mut self, class: &str, own: &Ty) -> Result<Signature, String> {
        let constant = self.accept("const");
        let is_static = self.accept("static") || constant;
        let field = self.accept("readonly");
        let mut out = Signature {
            name: String::new(),
            role: Role::Method,
            is_static,
            is_extension: false,
            readable: true,
            type_params: Vec::new(),
            params: Vec::new(),
            returns: Ty::Void,
        };
        for (word, role) in [("implicit", Role::Implicit), ("explicit", Role::Explicit)] {
            if self.accept(word) {
                self.expect("operator")?;
                out.name = format!("op {word}");
                out.role = role;
                out.returns = self.ty()?;
                out.params = self.params(")", &mut out.is_extension)?;
                return self.done(out);
            }
        }
        if self.peek() == class && self.ahead(1) == "(" {
            self.at += 1;
            (out.name, out.role, out.is_static, out.returns) = (".ctor".into(), Role::Constructor, true, own.clone());
            out.params = self.params(")", &mut out.is_extension)?;
            return self.done(out);
        }
        // The type parameters of a generic method are declared after its return type, which may use them.
        self.inner = self.declared_type_params();
        out.type_params = self.inner.iter().map(|name| TypeParam { name, constraint: Constraint::None }).collect();
        out.returns = self.ty()?;
        if self.accept("operator") {
            let mut sign = String::new();
            while self.peek() != "(" && !self.peek().is_empty() {
                sign.push_str(self.next());
            }
            out.name = format!("op {sign}");
            out.role = Role::Operator;
            out.params = self.params(")", &mut out.is_extension)?;
            return self.done(out);
        }
        out.name = self.next().into();
        match self.peek() {
            "" => out.role = if constant { Role::Const } else { Role::Field },
            "[" if out.name == "this" => {
                (out.name, out.role) = ("this[]".into(), Role::Indexer);
                out.params = self.params("]", &mut out.is_extension)?;
                out.readable = self.accessors()?;
            }
            "{" => {
                out.role = Role::Property;
                out.readable = self.accessors()?;
            }
            _ => {
                if self.accept("<") {
                    while !self.accept(">") && !self.peek().is_empty() {
                        self.at += 1;
                    }
                }
                out.params = self.params(")", &mut out.is_extension)?;
                out.is_static |= out.is_extension;
            }
        }
        if field && out.role != Role::Field {
            return Err("`readonly` is for fields".into());
        }
        while self.accept("where") {
            let name = self.next();
            self.expect(":")?;
            let constraint = match self.next() {
                "class" => Constraint::Class,
                "struct" => Constraint::Struct,
                other => return Err(format!("constraint `{other}`")),
            };
            match out.type_params.iter_mut().find(|param| param.name == name) {
                Some(param) => param.constraint = constraint,
                None => return Err(format!("no type parameter `{name}`")),
            }
        }
        self.done(out)
    }

    fn done(&mut self, out: Signature) -> Result<Signature, String> {
        match self.peek() {
            "" => Ok(out),
            rest => Err(format!("unexpected `{rest}`")),
        }
    }

    /// Looks ahead for `Name<A, B>(`.
    fn declared_type_params(&self) -> Vec<&'static str> {
        // A tuple as return type, or as a type argument of it, starts with a parenthesis of its own.
        let of_type = |at: usize| at == self.at || matches!(self.tokens[at - 1], "<" | "," | "(");
        let mut opens = (0..self.tokens.len()).filter(|at| self.tokens[*at] == "(");
        let Some(open) = opens.find(|at| !of_type(*at)) else { return Vec::new() };
        if open == 0 || self.tokens.get(open - 1) != Some(&">") {
            return Vec::new();
        }
        let Some(start) = self.tokens[..open].iter().rposition(|token| *token == "<") else { return Vec::new() };
        self.tokens[start + 1..open - 1].iter().copied().filter(|token| *token != ",").collect()
    }

    fn accessors(&mut self) -> Result<bool, String> {
        self.expect("{")?;
        let mut readable = false;
        while !self.accept("}") {
            match self.next() {
                "get" => readable = true,
                "set" => {}
                other => return Err(format!("accessor `{other}`")),
            }
            self.expect(";")?;
        }
        Ok(readable)
    }

    fn params(&mut self, close: &str, is_extension: &mut bool) -> Result<Vec<Param>, String> {
        self.at += 1;
        let mut out = Vec::new();
        while !self.accept(close) {
            if !out.is_empty() {
                self.expect(",")?;
            }
            *is_extension |= out.is_empty() && self.accept("this");
            let mode = match self.peek() {
                "in" => Mode::In,
                "ref" => Mode::Ref,
                "out" => Mode::Out,
                "params" => Mode::Params,
                _ => Mode::Value,
            };
            self.at += usize::from(mode != Mode::Value);
            let ty = self.ty()?;
            let name = self.next();
            let default = if self.accept("=") { Some(self.constant(&ty)?) } else { None };
            if name.is_empty() {
                return Err("parameter list".into());
            }
            out.push(Param { name, ty, mode, default });
        }
        Ok(out)
    }

    fn constant(&mut self, ty: &Ty) -> Result<Const, String> {
        let negative = self.accept("-");
        let token = self.next();
        Ok(match token {
            "null" => Const::Null,
            "true" => Const::Bool(true),
            "false" => Const::Bool(false),
            "default" => {
                if self.accept("(") {
                    while !self.accept(")") && !self.peek().is_empty() {
                        self.at += 1;
                    }
                }
                Const::default_of(ty)
            }
            text if text.starts_with('"') => Const::Str(text.trim_matches('"').into()),
            text if text.starts_with('\'') => Const::Char(text.trim_matches('\'').encode_utf16().next().unwrap_or(0)),
            name => match (name.parse::<i64>(), ty.def().and_then(|def| Some((def, def.enum_def()?)))) {
                (Ok(number), Some((def, _))) => Const::Word(crate::ty::Def(def), number as u64),
                (Ok(number), None) => Const::integer(ty, if negative { -number } else { number })
                    .ok_or_else(|| format!("default of {ty}"))?,
                (Err(_), Some((def, values))) => {
                    self.expect(".")?;
                    let name = self.next();
                    let value = values.values.iter().find(|(known, _)| *known == name);
                    Const::Word(crate::ty::Def(def), value.ok_or_else(|| format!("no enum member `{name}`"))?.1 as u64)
                }
                (Err(_), None) => return Err(format!("default value `{name}`")),
            },
        })
    }

    fn ty(&mut self) -> Result<Ty, String> {
        let mut ty = if self.accept("(") {
            let (mut items, mut names) = (Vec::new(), Vec::new());
            while !self.accept(")") {
                if !items.is_empty() {
                    self.expect(",")?;
                }
                items.push(self.ty()?);
                names.push((!matches!(self.peek(), "," | ")")).then(|| self.next().into()));
            }
            Ty::Tuple(std::sync::Arc::new(crate::ty::TupleTy { items, names }))
        } else {
            let mut name = String::from(self.next());
            while self.accept(".") {
                name.push('.');
                name.push_str(self.next());
            }
            let mut args = Vec::new();
            if self.accept("<") {
                while !self.accept(">") {
                    if !args.is_empty() {
                        self.expect(",")?;
                    }
                    args.push(self.ty()?);
                }
            }
            // A nested type of a generic one: `Dictionary<TKey, TValue>.KeyCollection`.
            if !args.is_empty() && self.accept(".") {
                name.push('+');
                name.push_str(self.next());
            }
            self.named(&name, args)?
        };
        loop {
            if self.accept("?") {
                if ty.is_value_type() || matches!(ty, Ty::Param(..)) {
                    ty = Ty::nullable(ty);
                }
            } else if self.peek() == "[" && matches!(self.ahead(1), "]" | ",") {
                self.at += 1;
                let mut rank = 1;
                while self.accept(",") {
                    rank += 1;
                }
                self.expect("]")?;
                ty = Ty::Array(std::sync::Arc::new(ty), rank);
            } else {
                return Ok(ty);
            }
        }
    }

    fn named(&self, name: &str, args: Vec<Ty>) -> Result<Ty, String> {
        if name == "void" {
            return Ok(Ty::Void);
        }
        if let Some(prim) = crate::ty::Prim::from_keyword(name) {
            return Ok(Ty::Prim(prim));
        }
        let all = self.outer.iter().chain(&self.inner);
        // A method's own parameter hides that of the type.
        if let Some((index, param)) =
            all.enumerate().collect::<Vec<_>>().into_iter().rev().find(|(_, param)| **param == name)
        {
            return Ok(Ty::Param(index as u16, param));
        }
        let count = args.len();
        (self.resolve)(name, args).ok_or_else(|| format!("no type `{name}` with {count} type arguments"))
    }

    fn peek(&self) -> &'static str {
        self.ahead(0)
    }

    fn ahead(&self, by: usize) -> &'static str {
        self.tokens.get(self.at + by).copied().unwrap_or("")
    }

    fn next(&mut self) -> &'static str {
        let token = self.peek();
        self.at += 1;
        token
    }

    fn accept(&mut self, token: &str) -> bool {
        let found = self.peek() == token;
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, token: &str) -> Result<(), String> {
        match self.next() {
            found if found == token => Ok(()),
            found => Err(format!("`{token}` expected, not `{found}`")),
        }
    }
}
