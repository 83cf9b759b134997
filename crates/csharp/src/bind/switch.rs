//! `switch` statements and `goto case`.

use base::Span;

use super::{Binder, SwitchInfo};
use crate::{
    ast,
    ir::{Section, StmtKind},
};

impl<'a> Binder<'a> {
    pub(super) fn switch(&mut self, value: &'a ast::Expr, sections: &'a [ast::SwitchSection]) -> StmtKind {
        let value = self.value(value);
        let ty = value.ty.clone();
        // Constants first, so that `goto case` knows every label.
        let mut info = SwitchInfo { labels: Vec::new(), default: None, ty: ty.clone() };
        for (at, section) in sections.iter().enumerate() {
            for label in &section.labels {
                match &label.kind {
                    ast::SwitchLabelKind::Default => info.default = Some(at),
                    ast::SwitchLabelKind::Case { pattern, guard } => {
                        let trial = self.on_trial(|binder| binder.scoped(|binder| binder.pattern(pattern, &ty)));
                        if let Some((Some(bound), _)) = trial
                            && let Some(constant) = Self::label_constant(&bound)
                        {
                            if guard.is_some() {
                                continue;
                            }
                            if info.labels.iter().any(|(known, _)| known == constant) {
                                let text = format!(
                                    "The switch statement contains multiple cases with the label value '{}'",
                                    self.constant_text(constant)
                                );
                                self.error("CS0152", text, label.span);
                            }
                            info.labels.push((constant.clone(), at));
                        }
                    }
                }
            }
        }
        let default = info.default;
        if let Some(frame) = self.frame() {
            frame.switches.push(info);
        }
        let mut out = Vec::new();
        for section in sections {
            self.scopes.push(super::Scope::default());
            let mut labels = Vec::new();
            for label in &section.labels {
                if let ast::SwitchLabelKind::Case { pattern, guard } = &label.kind {
                    let pattern = self.pattern(pattern, &ty);
                    let guard = guard.as_ref().map(|guard| self.condition(guard));
                    labels.extend(pattern.map(|pattern| (pattern, guard)));
                }
            }
            // What the labels declare is the section's own; what the statements declare is there for all sections.
            let declares = self.scopes.last().is_some_and(|scope| !scope.names.is_empty());
            if !declares {
                self.scopes.pop();
            }
            out.push(Section { labels, body: self.statements(&section.statements) });
            if declares {
                self.scopes.pop();
            }
        }
        if let Some(frame) = self.frame() {
            frame.switches.pop();
        }
        StmtKind::Switch { value, sections: out, default }
    }

    pub(super) fn goto_case(&mut self, value: &'a ast::Expr, span: Span) -> StmtKind {
        let Some(ty) = self.frames.last().and_then(|frame| frame.switches.last()).map(|info| info.ty.clone()) else {
            self.error("CS0153", "A goto case is only valid inside a switch statement", span);
            return StmtKind::Empty;
        };
        let value = self.value_as(value, &ty);
        let Some(constant) = value.as_const().cloned() else {
            if !value.is_error() {
                self.error("CS0150", "A constant value is expected", span);
            }
            return StmtKind::Empty;
        };
        let info = self.frames.last().and_then(|frame| frame.switches.last());
        match info.and_then(|info| info.labels.iter().find(|(known, _)| *known == constant)).map(|(_, at)| *at) {
            Some(section) => StmtKind::GotoSection(section),
            None => {
                let text = format!(
                    "No such label 'case {}:' within the scope of the goto statement",
                    self.constant_text(&constant)
                );
                self.error("CS0159", text, span);
                StmtKind::Empty
            }
        }
    }
}
