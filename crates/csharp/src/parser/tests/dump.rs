//! Prints trees as nested lists, so that a test can say on one line how a text was read.

use crate::ast::*;

pub(super) fn expr(e: &Expr) -> String {
    match &e.kind {
        ExprKind::Error => "<error>".into(),
        ExprKind::Literal(value) => literal(value),
        ExprKind::Default(None) => "default".into(),
        ExprKind::Default(Some(t)) => format!("(default {})", ty(t)),
        ExprKind::Interpolated(parts) => list("$", parts.iter().map(part)),
        ExprKind::Name(name) => simple_name(name),
        ExprKind::Alias { alias, name } => format!("{}::{}", alias.text, simple_name(name)),
        ExprKind::Predefined(predefined) => predefined.keyword().into(),
        ExprKind::Type(t) => ty(t),
        ExprKind::This => "this".into(),
        ExprKind::Base => "base".into(),
        ExprKind::Parenthesized(inner) => format!("(paren {})", expr(inner)),
        ExprKind::Tuple(elements) => list("tuple", elements.iter().map(|e| named(e.name.as_ref(), expr(&e.value)))),
        ExprKind::Member { target, name } => format!("(. {} {})", expr(target), simple_name(name)),
        ExprKind::Call { target, args } => list("call", once(expr(target)).chain(args.iter().map(argument))),
        ExprKind::Index { target, args } => list("index", once(expr(target)).chain(args.iter().map(argument))),
        ExprKind::ConditionalAccess { target, chain } => format!("(?. {} {})", expr(target), expr(chain)),
        ExprKind::MemberBinding(name) => format!(".{}", simple_name(name)),
        ExprKind::IndexBinding(args) => list("[]", args.iter().map(argument)),
        ExprKind::Unary { op, operand, .. } => format!("({} {})", op.symbol(), expr(operand)),
        ExprKind::Postfix { op, operand, .. } => format!("(post{} {})", op.symbol(), expr(operand)),
        ExprKind::Binary { op, left, right, .. } => format!("({} {} {})", op.symbol(), expr(left), expr(right)),
        ExprKind::Assign { op, target, value, .. } => {
            format!("({}= {} {})", op.map_or("", BinaryOp::symbol), expr(target), expr(value))
        }
        ExprKind::Conditional { condition, then, otherwise } => {
            format!("(? {} {} {})", expr(condition), expr(then), expr(otherwise))
        }
        ExprKind::Cast { ty: t, operand } => format!("(cast {} {})", ty(t), expr(operand)),
        ExprKind::As { operand, ty: t } => format!("(as {} {})", expr(operand), ty(t)),
        ExprKind::Is { operand, pattern: p } => format!("(is {} {})", expr(operand), pattern(p)),
        ExprKind::Lambda(lambda) => {
            let params = match &lambda.params {
                Some(params) => list("", params.iter().map(lambda_param)),
                None => "any".into(),
            };
            format!("(=>{} {params} {})", if lambda.is_async { " async" } else { "" }, body(&lambda.body))
        }
        ExprKind::New { ty: t, args, initializer: init } => {
            let args = args.iter().flatten().map(argument);
            list("new", once(ty(t)).chain(args).chain(init.iter().map(initializer)))
        }
        ExprKind::Anonymous(members) => {
            list("new {}", members.iter().map(|member| named(member.name.as_ref(), expr(&member.value))))
        }
        ExprKind::NewArray { ty: t, sizes, elements } => {
            list("new", once(ty(t)).chain(sizes.iter().map(expr)).chain(elements.iter().map(array)))
        }
        ExprKind::ImplicitArray { rank, elements } => format!("(new [{rank}] {})", array(elements)),
        ExprKind::ArrayElements(elements) => array(elements),
        ExprKind::Query(q) => list("query", from(&q.from).into_iter().chain(query_body(&q.body))),
        ExprKind::Throw(value) => format!("(throw {})", expr(value)),
        ExprKind::Checked(value) => format!("(checked {})", expr(value)),
        ExprKind::Unchecked(value) => format!("(unchecked {})", expr(value)),
        ExprKind::TypeOf(t) => format!("(typeof {})", ty(t)),
        ExprKind::SizeOf(t) => format!("(sizeof {})", ty(t)),
        ExprKind::NameOf(value) => format!("(nameof {})", expr(value)),
        ExprKind::Declaration { ty: t, designation: d } => format!("(declare {} {})", ty(t), designation(d)),
        ExprKind::Ref(value) => format!("(ref {})", expr(value)),
        ExprKind::Await(value) => format!("(await {})", expr(value)),
    }
}

pub(super) fn block(b: &Block) -> String {
    list("{}", b.statements.iter().map(stmt))
}

fn stmt(s: &Stmt) -> String {
    match &s.kind {
        StmtKind::Error => "<error>".into(),
        StmtKind::Empty => ";".into(),
        StmtKind::Block(b) => block(b),
        StmtKind::Local(declaration) => locals(declaration),
        StmtKind::Function(f) => {
            let params = list("", f.params.iter().map(param));
            let generic = f.type_params.iter().map(|name| format!("<{}>", name.text)).collect::<Vec<_>>().concat();
            let constraints: String = f.constraints.iter().map(constraint).collect();
            format!("(function {} {}{generic}{constraints} {params} {})", ty(&f.result), f.name.text, body(&f.body))
        }
        StmtKind::Expr(value) => expr(value),
        StmtKind::If { condition, then, otherwise } => {
            list("if", [expr(condition), stmt(then)].into_iter().chain(otherwise.iter().map(|s| stmt(s))))
        }
        StmtKind::While { condition, body } => format!("(while {} {})", expr(condition), stmt(body)),
        StmtKind::Do { body, condition } => format!("(do {} {})", stmt(body), expr(condition)),
        StmtKind::For(f) => {
            let init = match &f.init {
                ForInit::Local(declaration) => locals(declaration),
                ForInit::Exprs(all) => list("", all.iter().map(expr)),
            };
            let condition = f.condition.as_ref().map_or_else(|| "ever".into(), expr);
            format!("(for {init} {condition} {} {})", list("", f.step.iter().map(expr)), stmt(&f.body))
        }
        StmtKind::Foreach(f) => {
            let variable = match &f.variable {
                ForeachVariable::Local { ty: t, name } => format!("{} {}", ty(t), name.text),
                ForeachVariable::Deconstruction(value) => expr(value),
            };
            format!("(foreach {variable} {} {})", expr(&f.source), stmt(&f.body))
        }
        StmtKind::Switch { value, sections } => list("switch", once(expr(value)).chain(sections.iter().map(section))),
        StmtKind::Break => "break".into(),
        StmtKind::Continue => "continue".into(),
        StmtKind::Goto(label) => format!("(goto {})", label.text),
        StmtKind::GotoCase(value) => format!("(goto case {})", expr(value)),
        StmtKind::GotoDefault => "(goto default)".into(),
        StmtKind::Return(value) => list("return", value.iter().map(expr)),
        StmtKind::Throw(value) => list("throw", value.iter().map(expr)),
        StmtKind::Try(t) => {
            let finally = t.finally.iter().map(|b| format!("(finally {})", block(b)));
            list("try", once(block(&t.body)).chain(t.catches.iter().map(catch)).chain(finally))
        }
        StmtKind::Using { resource, body } => {
            let resource = match resource {
                UsingResource::Local(declaration) => locals(declaration),
                UsingResource::Expr(value) => expr(value),
            };
            format!("(using {resource} {})", stmt(body))
        }
        StmtKind::Lock { target, body } => format!("(lock {} {})", expr(target), stmt(body)),
        StmtKind::Checked(b) => format!("(checked {})", block(b)),
        StmtKind::Unchecked(b) => format!("(unchecked {})", block(b)),
        StmtKind::Labeled { label, body } => format!("(label {} {})", label.text, stmt(body)),
        StmtKind::YieldReturn(value) => format!("(yield {})", expr(value)),
        StmtKind::YieldBreak => "(yield)".into(),
    }
}

pub(super) fn ty(t: &Type) -> String {
    match &t.kind {
        TypeKind::Error => "<error>".into(),
        TypeKind::Predefined(predefined) => predefined.keyword().into(),
        TypeKind::Named(name) => {
            let alias = name.alias.iter().map(|alias| format!("{}::", alias.text)).collect::<Vec<_>>().concat();
            let parts: Vec<_> = name.parts.iter().map(simple_name).collect();
            alias + &parts.join(".")
        }
        TypeKind::Var => "var".into(),
        TypeKind::Nullable(inner) => format!("{}?", ty(inner)),
        // The outer rank is written last here: `int[,][]` is an array of `int[,]`.
        TypeKind::Array { element, rank } => format!("{}[{}]", ty(element), ",".repeat(*rank as usize - 1)),
        TypeKind::Tuple(elements) => {
            let elements = elements.iter().map(|element| match &element.name {
                Some(name) => format!("{} {}", ty(&element.ty), name.text),
                None => ty(&element.ty),
            });
            format!("({})", elements.collect::<Vec<_>>().join(", "))
        }
        TypeKind::Omitted => String::new(),
    }
}

fn simple_name(name: &SimpleName) -> String {
    match &name.type_args {
        None => name.name.text.to_string(),
        Some(args) => format!("{}<{}>", name.name.text, args.iter().map(ty).collect::<Vec<_>>().join(",")),
    }
}

fn literal(value: &Literal) -> String {
    match value {
        Literal::Null => "null".into(),
        Literal::Bool(value) => value.to_string(),
        Literal::Char(unit) => format!("'{}'", char::from_u32(u32::from(*unit)).unwrap_or('\u{fffd}')),
        Literal::String(text) => string(text),
        Literal::Int(value) => value.to_string(),
        Literal::UInt(value) => format!("{value}u"),
        Literal::Long(value) => format!("{value}L"),
        Literal::ULong(value) => format!("{value}uL"),
        Literal::Float(value) => format!("{value:?}f"),
        Literal::Double(value) => format!("{value:?}"),
        Literal::Decimal(value) => format!("{value}m"),
    }
}

fn string(text: &Text) -> String {
    match text.as_str() {
        Some(text) => format!("{text:?}"),
        None => format!("{:x?}", text.units()),
    }
}

fn part(part: &InterpolationPart) -> String {
    match part {
        InterpolationPart::Text(text) => string(text),
        InterpolationPart::Hole(hole) => {
            let alignment = hole.alignment.iter().map(|width| format!(",{}", expr(width))).collect::<Vec<_>>().concat();
            let format = hole.format.iter().map(|format| format!(":{}", string(format))).collect::<Vec<_>>().concat();
            format!("{{{}{alignment}{format}}}", expr(&hole.value))
        }
    }
}

fn argument(argument: &Argument) -> String {
    let passing = match argument.passing {
        Passing::Value => "",
        Passing::Ref => "ref ",
        Passing::Out => "out ",
        Passing::In => "in ",
    };
    named(argument.name.as_ref(), format!("{passing}{}", expr(&argument.value)))
}

fn initializer(initializer: &Initializer) -> String {
    match &initializer.kind {
        InitializerKind::Object(members) => list("set", members.iter().map(member)),
        InitializerKind::Collection(elements) => {
            list("add", elements.iter().map(|element| element.args.iter().map(expr).collect::<Vec<_>>().join("+")))
        }
    }
}

fn member(member: &MemberInitializer) -> String {
    let target = match &member.target {
        InitializerTarget::Member(name) => name.text.to_string(),
        InitializerTarget::Index(args) => format!("[{}]", args.iter().map(argument).collect::<Vec<_>>().join(",")),
    };
    match &member.value {
        InitializerValue::Expr(value) => format!("{target}={}", expr(value)),
        InitializerValue::Nested(nested) => format!("{target}={}", initializer(nested)),
    }
}

fn pattern(p: &Pattern) -> String {
    match &p.kind {
        PatternKind::Error => "<error>".into(),
        PatternKind::Type(t) => format!(":{}", ty(t)),
        PatternKind::Constant(value) => expr(value),
        PatternKind::Declaration { ty: t, designation: d } => format!("(declare {} {})", ty(t), designation(d)),
        PatternKind::Var(d) => format!("(var {})", designation(d)),
    }
}

fn designation(d: &Designation) -> String {
    match d {
        Designation::Name(name) => name.text.to_string(),
        Designation::Discard(_) => "_".into(),
        Designation::Tuple { parts, .. } => list("", parts.iter().map(designation)),
    }
}

fn body(body: &LambdaBody) -> String {
    match body {
        LambdaBody::Expr(value) => expr(value),
        LambdaBody::Block(b) => block(b),
    }
}

fn lambda_param(param: &LambdaParam) -> String {
    match &param.ty {
        Some(t) => format!("{} {}", ty(t), param.name.text),
        None => param.name.text.to_string(),
    }
}

fn param(param: &Param) -> String {
    let default = param.default.iter().map(|value| format!("={}", expr(value))).collect::<Vec<_>>().concat();
    let params = if param.is_params { "params " } else { "" };
    format!("{params}{} {}{default}", ty(&param.ty), param.name.text)
}

fn constraint(constraint: &TypeConstraint) -> String {
    let words = [("class", constraint.class), ("struct", constraint.structure), ("new()", constraint.constructor)];
    let words = words.into_iter().filter(|(_, asked)| *asked).map(|(word, _)| word.to_owned());
    let all: Vec<_> = words.chain(constraint.types.iter().map(ty)).collect();
    format!(" {}:{}", constraint.name.text, all.join(","))
}

fn locals(declaration: &LocalDeclaration) -> String {
    let mode = match declaration.mode {
        LocalMode::Plain => "local",
        LocalMode::Const => "const",
        LocalMode::Ref => "ref local",
        LocalMode::RefReadonly => "ref readonly local",
    };
    let locals = declaration.locals.iter().map(|local| match &local.value {
        Some(value) => format!("{}={}", local.name.text, expr(value)),
        None => local.name.text.to_string(),
    });
    list(mode, once(ty(&declaration.ty)).chain(locals))
}

fn section(section: &SwitchSection) -> String {
    let labels = section.labels.iter().map(|label| match &label.kind {
        SwitchLabelKind::Default => "default:".into(),
        SwitchLabelKind::Case { pattern: p, guard: None } => format!("{}:", pattern(p)),
        SwitchLabelKind::Case { pattern: p, guard: Some(guard) } => format!("{} when {}:", pattern(p), expr(guard)),
    });
    list("", labels.chain(section.statements.iter().map(stmt)))
}

fn catch(catch: &Catch) -> String {
    let name = catch.name.iter().map(|name| name.text.to_string());
    let filter = catch.filter.iter().map(|filter| format!("when {}", expr(filter)));
    list("catch", catch.ty.iter().map(ty).chain(name).chain(filter).chain([block(&catch.body)]))
}

fn from(clause: &FromClause) -> Vec<String> {
    vec![format!("from {}{} {}", typed(clause.ty.as_ref()), clause.name.text, expr(&clause.source))]
}

fn query_body(body: &QueryBody) -> Vec<String> {
    let mut out: Vec<String> = body.clauses.iter().map(clause).collect();
    out.push(match &body.finish {
        QueryFinish::Select(value) => format!("select {}", expr(value)),
        QueryFinish::Group { value, key } => format!("group {} {}", expr(value), expr(key)),
        QueryFinish::Missing(_) => "<missing>".into(),
    });
    if let Some(next) = &body.continuation {
        out.push(format!("into {}", next.name.text));
        out.extend(query_body(&next.body));
    }
    out
}

fn clause(clause: &QueryClause) -> String {
    match clause {
        QueryClause::From(clause) => from(clause).concat(),
        QueryClause::Let { name, value } => format!("let {} {}", name.text, expr(value)),
        QueryClause::Where(condition) => format!("where {}", expr(condition)),
        QueryClause::Join(join) => {
            let into = join.into.iter().map(|name| format!(" into {}", name.text)).collect::<Vec<_>>().concat();
            let keys = format!("{} {}", expr(&join.left), expr(&join.right));
            format!("join {}{} {} {keys}{into}", typed(join.ty.as_ref()), join.name.text, expr(&join.source))
        }
        QueryClause::OrderBy(keys) => {
            list("orderby", keys.iter().map(|key| expr(&key.key) + if key.descending { " desc" } else { "" }))
        }
    }
}

fn typed(t: Option<&Type>) -> String {
    t.map(|t| ty(t) + " ").unwrap_or_default()
}

fn array(elements: &ArrayElements) -> String {
    format!("[{}]", elements.items.iter().map(expr).collect::<Vec<_>>().join(" "))
}

fn named(name: Option<&Name>, value: String) -> String {
    match name {
        Some(name) => format!("{}:{value}", name.text),
        None => value,
    }
}

fn once(first: String) -> std::iter::Once<String> {
    std::iter::once(first)
}

fn list(head: &str, items: impl IntoIterator<Item = String>) -> String {
    let items = Some(head.to_owned()).filter(|head| !head.is_empty()).into_iter().chain(items);
    format!("({})", items.collect::<Vec<_>>().join(" "))
}
