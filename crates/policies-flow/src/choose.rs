//! `choose`: runs the policies of the first branch whose condition holds.

use policy::{Seat, prelude::*};

pub(crate) static DEF: PolicyDef = PolicyDef {
    name: "choose",
    summary: "Runs the policies of the first `when` whose condition is true, or else those of `otherwise`.",
    children: &[
        Child {
            name: "when",
            count: (1, usize::MAX),
            attrs: &[Attr::required("condition", Kind::Bool, "Whether this branch is taken.").expr()],
            content: Content::Policies,
            doc: "A branch.",
            ..Child::BASE
        },
        Child {
            name: "otherwise",
            count: (0, 1),
            content: Content::Policies,
            doc: "The branch if no condition is true.",
            ..Child::BASE
        },
    ],
    examples: &[Example {
        title: "Two kinds of callers",
        policy: r#"<choose>
  <when condition="@(context.Request.Headers.GetValueOrDefault("X-Beta", "") == "yes")">
    <set-header name="X-Ring"><value>beta</value></set-header>
  </when>
  <otherwise>
    <set-header name="X-Ring"><value>all</value></set-header>
  </otherwise>
</choose>"#,
        given: "GET /resource/1 HTTP/1.1\nX-Beta: yes",
        then: "GET http://backend.example/resource/1 HTTP/1.1\nX-Ring: beta",
        ..Example::BASE
    }],
    compile: |element, cx| {
        let (mut branches, mut otherwise, mut sound) = (Vec::new(), Block::default(), true);
        for child in element.elements() {
            if child.name == "otherwise" {
                otherwise = cx.child_block(child, 1);
                continue;
            }
            let condition = cx.condition(child, "condition");
            let block = cx.child_block(child, branches.len() + 1);
            sound &= condition.is_some();
            branches.extend(condition.map(|condition| (condition, block)));
        }
        let choose = Choose { branches: branches.into(), otherwise };
        sound.then(|| if choose.waits() { Step::later(choose) } else { Step::now(choose) })
    },
    ..PolicyDef::BASE
};

struct Choose {
    branches: Box<[(Value<bool>, Block)]>,
    otherwise: Block,
}

impl Choose {
    fn waits(&self) -> bool {
        self.otherwise.waits() || self.branches.iter().any(|(_, block)| block.waits())
    }

    fn chosen(&self, exchange: &mut Exchange) -> Result<&Block, Fault> {
        for (number, (condition, block)) in self.branches.iter().enumerate() {
            if *condition.get(exchange)? {
                exchange.note(|_| format!("The condition of when[{}] is true.", number + 1));
                return Ok(block);
            }
        }
        exchange.note(|_| "No condition is true.");
        Ok(&self.otherwise)
    }
}

impl Policy for Choose {
    fn run(&self, exchange: &mut Exchange) -> Result<Flow, Fault> {
        self.chosen(exchange)?.run_now(exchange)
    }
}

impl LaterPolicy for Choose {
    fn run<'a>(&'a self, exchange: &'a mut Exchange) -> LocalFuture<'a, Result<Flow, Fault>> {
        Box::pin(async move { self.chosen(exchange)?.run(exchange).await })
    }

    fn run_beside<'a>(&'a self, seat: &'a Seat<'_, '_>) -> LocalFuture<'a, Result<Flow, Fault>> {
        Box::pin(async move {
            let chosen = self.chosen(&mut *seat.hold().await)?;
            chosen.run_beside(seat).await
        })
    }
}
