//! Reads an expression. Being recursive descent, it always knows whether a name or an operator is due.

use super::functions::Function;
use super::{Axis, Expression, Namespaces, Operator, Start, Step, Test, XPath};
use crate::chars::{in_name, starts_name};
use crate::error::{Error, Result};

/// How deep parentheses, predicates and arguments may nest.
const MAX_NESTING: usize = 50;

impl XPath {
    /// Compiles an expression.
    pub fn parse(text: &str, namespaces: &dyn Namespaces) -> Result<XPath> {
        let mut parser = Parser { text, at: 0, namespaces, nesting: 0 };
        let expression = parser.expression(0)?;
        if parser.rest().is_empty() { Ok(XPath { expression }) } else { Err(parser.invalid()) }
    }
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    namespaces: &'a dyn Namespaces,
    nesting: usize,
}

/// Operators by precedence, the loosest first; longer ones before their beginnings.
const LEVELS: [&[(&str, Operator)]; 7] = [
    &[("or", Operator::Or)],
    &[("and", Operator::And)],
    &[("=", Operator::Equal), ("!=", Operator::NotEqual)],
    &[("<=", Operator::LessOrEqual), ("<", Operator::Less), (">=", Operator::GreaterOrEqual), (">", Operator::Greater)],
    &[("+", Operator::Add), ("-", Operator::Subtract)],
    &[("*", Operator::Multiply), ("div", Operator::Divide), ("mod", Operator::Modulo)],
    &[("|", Operator::Union)],
];
/// The unary minus binds tighter than all but the union.
const UNARY: usize = 6;

impl<'a> Parser<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn invalid(&self) -> Error {
        Error::xpath(format!("'{}' has an invalid token.", self.text))
    }

    fn skip_spaces(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r']).len();
    }

    /// Takes a token and the spaces after it; a word must not go on.
    fn eat(&mut self, token: &str) -> bool {
        let Some(after) = self.rest().strip_prefix(token) else { return false };
        if token.starts_with(starts_name) && after.starts_with(in_name) {
            return false;
        }
        self.at += token.len();
        self.skip_spaces();
        true
    }

    fn expect(&mut self, token: &str) -> Result<()> {
        if self.eat(token) { Ok(()) } else { Err(self.invalid()) }
    }

    /// Runs `parse` one level deeper.
    fn nested<T>(&mut self, parse: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        self.nesting += 1;
        if self.nesting > MAX_NESTING {
            return Err(Error::xpath("The xpath query is too complex."));
        }
        let result = parse(self);
        self.nesting -= 1;
        result
    }

    fn expression(&mut self, level: usize) -> Result<Expression> {
        if level == 0 {
            self.skip_spaces();
        }
        let Some(operators) = LEVELS.get(level) else { return self.path() };
        if level == UNARY {
            let mut negative = false;
            let mut signed = false;
            while self.eat("-") {
                negative = !negative;
                signed = true;
            }
            let operand = self.chain(level, operators)?;
            // Twice negated is still a number.
            return Ok(match (signed, negative) {
                (false, _) => operand,
                (true, true) => Expression::Negate(Box::new(operand)),
                (true, false) => Expression::Negate(Box::new(Expression::Negate(Box::new(operand)))),
            });
        }
        self.chain(level, operators)
    }

    fn chain(&mut self, level: usize, operators: &[(&str, Operator)]) -> Result<Expression> {
        let first = self.expression(level + 1)?;
        let mut more = Vec::new();
        while let Some((_, operator)) = operators.iter().find(|(token, _)| self.eat(token)) {
            more.push((*operator, self.expression(level + 1)?));
        }
        Ok(if more.is_empty() { first } else { Expression::Chain(Box::new(first), more) })
    }

    fn path(&mut self) -> Result<Expression> {
        let mut steps = Vec::new();
        if self.eat("//") {
            steps.push(anything_below());
            self.steps(&mut steps)?;
            return Ok(Expression::Path(Start::Root, steps));
        }
        if self.eat("/") {
            if self.at_step() {
                self.steps(&mut steps)?;
            }
            return Ok(Expression::Path(Start::Root, steps));
        }
        let Some(primary) = self.primary()? else {
            self.steps(&mut steps)?;
            return Ok(Expression::Path(Start::Context, steps));
        };
        let predicates = self.predicates()?;
        if self.eat("//") {
            steps.push(anything_below());
            self.steps(&mut steps)?;
        } else if self.eat("/") {
            self.steps(&mut steps)?;
        } else if predicates.is_empty() {
            return Ok(primary);
        }
        Ok(Expression::Path(Start::Expression(Box::new(primary), predicates), steps))
    }

    fn at_step(&self) -> bool {
        self.rest().starts_with(|c| matches!(c, '.' | '@' | '*') || starts_name(c))
    }

    fn steps(&mut self, steps: &mut Vec<Step>) -> Result<()> {
        loop {
            steps.push(self.step()?);
            if self.eat("//") {
                steps.push(anything_below());
            } else if !self.eat("/") {
                return Ok(());
            }
        }
    }

    fn step(&mut self) -> Result<Step> {
        let plain = |axis| Step { axis, test: Test::Any, predicates: Vec::new() };
        if self.eat("..") {
            return Ok(plain(Axis::Parent));
        }
        if self.eat(".") {
            return Ok(plain(Axis::This));
        }
        let axis = if self.eat("@") { Axis::Attribute } else { self.axis()?.unwrap_or(Axis::Child) };
        let test = self.test()?;
        let predicates = self.predicates()?;
        Ok(Step { axis, test, predicates })
    }

    fn axis(&mut self) -> Result<Option<Axis>> {
        const AXES: [(&str, Option<Axis>); 13] = [
            ("ancestor", Some(Axis::Ancestor)),
            ("ancestor-or-self", Some(Axis::AncestorOrSelf)),
            ("attribute", Some(Axis::Attribute)),
            ("child", Some(Axis::Child)),
            ("descendant", Some(Axis::Descendant)),
            ("descendant-or-self", Some(Axis::DescendantOrSelf)),
            ("following", Some(Axis::Following)),
            ("following-sibling", Some(Axis::FollowingSibling)),
            ("namespace", None),
            ("parent", Some(Axis::Parent)),
            ("preceding", Some(Axis::Preceding)),
            ("preceding-sibling", Some(Axis::PrecedingSibling)),
            ("self", Some(Axis::This)),
        ];
        let start = self.at;
        let Some(name) = self.name() else { return Ok(None) };
        self.skip_spaces();
        if !self.rest().starts_with("::") {
            self.at = start;
            return Ok(None);
        }
        self.expect("::")?;
        match AXES.iter().find(|(known, _)| *known == name) {
            Some((_, Some(axis))) => Ok(Some(*axis)),
            Some((_, None)) => Err(Error::xpath("The namespace axis is not supported.")),
            None => Err(self.invalid()),
        }
    }

    fn test(&mut self) -> Result<Test> {
        if self.eat("*") {
            return Ok(Test::Name { namespace: None, local: None });
        }
        let Some(name) = self.name() else { return Err(self.invalid()) };
        if self.rest().starts_with(':') && !self.rest().starts_with("::") {
            self.at += 1;
            let namespace = Some(self.namespace(name)?);
            if self.eat("*") {
                return Ok(Test::Name { namespace, local: None });
            }
            let Some(local) = self.name() else {
                return Err(Error::xpath(format!("'{}' has an invalid qualified name.", self.text)));
            };
            self.skip_spaces();
            return Ok(Test::Name { namespace, local: Some(local.to_owned()) });
        }
        self.skip_spaces();
        if !self.eat("(") {
            return Ok(Test::Name { namespace: Some(String::new()), local: Some(name.to_owned()) });
        }
        let test = match name {
            "node" => Test::Any,
            "text" => Test::Text,
            "comment" => Test::Comment,
            "processing-instruction" => Test::ProcessingInstruction(self.literal()?),
            _ => return Err(self.invalid()),
        };
        self.expect(")")?;
        Ok(test)
    }

    fn namespace(&self, prefix: &str) -> Result<String> {
        let known = self.namespaces.namespace(prefix);
        known.ok_or_else(|| Error::xpath(format!("Namespace prefix '{prefix}' is not defined.")))
    }

    fn predicates(&mut self) -> Result<Vec<Expression>> {
        let mut predicates = Vec::new();
        while self.eat("[") {
            predicates.push(self.nested(|parser| parser.expression(0))?);
            self.expect("]")?;
        }
        Ok(predicates)
    }

    /// A literal, a number, a parenthesis or a call; `None` where a step begins.
    fn primary(&mut self) -> Result<Option<Expression>> {
        if let Some(text) = self.literal()? {
            return Ok(Some(Expression::Text(text)));
        }
        if self.eat("(") {
            let inner = self.nested(|parser| parser.expression(0))?;
            self.expect(")")?;
            return Ok(Some(inner));
        }
        if self.rest().starts_with('$') {
            return Err(Error::xpath(
                "Namespace Manager or XsltContext needed. This query has a prefix, variable, or user-defined function.",
            ));
        }
        if let Some(number) = self.number() {
            return Ok(Some(Expression::Number(number)));
        }
        self.call()
    }

    fn literal(&mut self) -> Result<Option<String>> {
        let rest = self.rest();
        let Some(quote) = rest.chars().next().filter(|c| matches!(c, '"' | '\'')) else { return Ok(None) };
        let Some(length) = rest[1..].find(quote) else {
            return Err(Error::xpath("This is an unclosed string."));
        };
        self.at += length + 2;
        self.skip_spaces();
        Ok(Some(rest[1..=length].to_owned()))
    }

    fn number(&mut self) -> Option<f64> {
        let rest = self.rest();
        let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
        let whole = digits(rest);
        let fraction = rest[whole..].strip_prefix('.').map(digits);
        if whole == 0 && fraction.unwrap_or(0) == 0 {
            return None;
        }
        let length = whole + fraction.map_or(0, |fraction| fraction + 1);
        self.at += length;
        self.skip_spaces();
        rest[..length].parse().ok()
    }

    fn call(&mut self) -> Result<Option<Expression>> {
        let start = self.at;
        let Some(name) = self.name() else { return Ok(None) };
        self.skip_spaces();
        let is_test = matches!(name, "node" | "text" | "comment" | "processing-instruction");
        if is_test || !self.eat("(") {
            self.at = start;
            return Ok(None);
        }
        let mut arguments = Vec::new();
        if !self.eat(")") {
            loop {
                arguments.push(self.nested(|parser| parser.expression(0))?);
                if self.eat(")") {
                    break;
                }
                self.expect(",")?;
            }
        }
        let function = Function::named(name).ok_or_else(|| {
            Error::xpath(
                "Namespace Manager or XsltContext needed. This query has a prefix, variable, or user-defined function.",
            )
        })?;
        if !function.takes(arguments.len()) {
            return Err(Error::xpath(format!(
                "Function '{name}' in '{}' has an invalid number of arguments.",
                self.text
            )));
        }
        Ok(Some(Expression::Call(function, arguments)))
    }

    /// A name without a colon.
    fn name(&mut self) -> Option<&'a str> {
        let rest = self.rest();
        if !rest.starts_with(starts_name) {
            return None;
        }
        let length = rest.find(|c| !in_name(c)).unwrap_or(rest.len());
        self.at += length;
        Some(&rest[..length])
    }
}

/// `//` is short for a step to everything below.
fn anything_below() -> Step {
    Step { axis: Axis::DescendantOrSelf, test: Test::Any, predicates: Vec::new() }
}
