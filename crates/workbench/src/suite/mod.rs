//! Tests of policy documents: files of them run on a stage, without a network and in no time.

mod coverage;
mod expect;
pub mod file;
mod prepare;
mod report;

use std::{rc::Rc, sync::Arc, thread, time::Duration};

use base::Clock;
use engine::http_text;
use policy::Catalogue;

pub use coverage::{Covered, Sums};
pub use report::{human, json, junit};

use self::{
    expect::differences,
    file::{Expect, Test, TestFile, TestStep, duration},
    prepare::Prepared,
};
use crate::{
    run,
    stage::{FakeClock, NOON, Play, Services, Stage, Text, time},
};

/// Where test files and what they name come from.
pub trait Files: Sync {
    /// The text at `path`, as test files write it, beside the test file `from`; with the path that messages show.
    ///
    /// # Errors
    /// Why it cannot be read.
    fn read(&self, from: &str, path: &str) -> Result<Text, String>;

    /// The fragments of the tree: ids, lower-case, with texts.
    fn fragments(&self) -> &[(String, Text)];
}

/// What came of a file of tests.
#[derive(Clone, Debug, Default)]
pub struct FileReport {
    /// Its path.
    pub path: String,
    /// Why none of its tests ran.
    pub error: Option<String>,
    /// Its tests, in their order.
    pub tests: Vec<TestReport>,
    /// What they reached.
    pub covered: Covered,
}

/// What came of a test.
#[derive(Clone, Debug, Default)]
pub struct TestReport {
    /// Its name.
    pub name: String,
    /// Everything that was not as expected; nothing for a test that passed.
    pub failures: Vec<String>,
    /// What happened in the step that failed.
    pub trace: String,
    /// How much time passed on the stage.
    pub elapsed: Duration,
}

/// What came of all files.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// The files, in the order of their paths.
    pub files: Vec<FileReport>,
}

impl Report {
    /// How many tests there were, and how many of them failed. A file that could not be read counts as one.
    pub fn counts(&self) -> (usize, usize) {
        let all = self.files.iter().map(|file| file.tests.len() + usize::from(file.error.is_some())).sum();
        let failed = self.files.iter().map(|file| {
            file.tests.iter().filter(|test| !test.failures.is_empty()).count() + usize::from(file.error.is_some())
        });
        (all, failed.sum())
    }

    /// What all of them reached.
    pub fn covered(&self) -> Covered {
        let mut all = Covered::default();
        self.files.iter().for_each(|file| all.merge(file.covered.clone()));
        all
    }
}

/// Runs files of tests, those whose names hold `filter`.
pub fn run(catalogue: &Catalogue, files: &dyn Files, tests: &[Text], filter: Option<&str>) -> Report {
    let threads = thread::available_parallelism().map_or(1, usize::from).min(tests.len()).max(1);
    let next = std::sync::atomic::AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        loop {
            let at = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            let Some(test) = tests.get(at) else { return done };
            done.push(run_file(catalogue, files, test, filter));
        }
    };
    let mut reports: Vec<FileReport> = thread::scope(|scope| {
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        // A panic in a policy is a defect of ours, and goes on as one.
        threads.into_iter().flat_map(|thread| thread.join().unwrap_or_else(|p| std::panic::resume_unwind(p))).collect()
    });
    reports.retain(|file| file.error.is_some() || !file.tests.is_empty());
    reports.sort_by(|a, b| a.path.cmp(&b.path));
    Report { files: reports }
}

fn run_file(catalogue: &Catalogue, files: &dyn Files, text: &Text, filter: Option<&str>) -> FileReport {
    let mut report = FileReport { path: text.path.clone(), ..FileReport::default() };
    let read =
        file::read(&text.text).and_then(|file| Prepared::new(catalogue, files, text, &file).map(|all| (file, all)));
    let (file, mut prepared) = match read {
        Ok(read) => read,
        Err(error) => return FileReport { error: Some(error), ..report },
    };
    let chosen = file
        .tests
        .iter()
        .filter(|test| filter.is_none_or(|filter| test.name.contains(filter) || report.path.contains(filter)));
    for test in chosen {
        let mut done = TestReport { name: test.name.clone(), ..TestReport::default() };
        let outcome = run_test(catalogue, files, text, &mut prepared, &file, test, &mut done, &mut report.covered);
        if let Err(error) = outcome {
            done.failures.push(error);
        }
        report.tests.push(done);
    }
    report
}

/// Runs a test. An error says that it could not be run as it is written.
#[expect(clippy::too_many_arguments, reason = "all that a test needs, handed on once")]
fn run_test(
    catalogue: &Catalogue,
    files: &dyn Files,
    text: &Text,
    prepared: &mut Prepared,
    file: &TestFile,
    test: &Test,
    report: &mut TestReport,
    covered: &mut Covered,
) -> Result<(), String> {
    let (script, play): (_, Rc<Play>) = prepared.play(catalogue, &test.named_values)?;
    covered.expect(&script, &play.inventory);
    let context = prepare::context(file.context.as_ref(), test.context.as_ref())?;
    let clock = test.clock.as_deref().or(file.clock.as_deref());
    let start = time("clock", clock)?.or(context.timestamp()?).unwrap_or(NOON);
    let clock = Arc::new(FakeClock::at(start));
    let answers = test.answers.iter().chain(&file.answers);
    let answers = answers.map(|answer| prepare::answer(files, &text.path, answer)).collect::<Result<_, _>>()?;
    let time: Arc<dyn Clock> = Arc::<FakeClock>::clone(&clock);
    let services = Services::new(time, answers);
    let stage = Stage::new(Arc::clone(&clock), Box::new(services.clone()));
    let steps: Vec<(&TestStep, &Expect)> = test.steps.iter().map(|step| (step, &step.expect)).collect();
    let alone = TestStep::default();
    let steps = match (&test.expect, steps.is_empty()) {
        (Some(_), false) => return Err("a test has either `expect` or `steps`: put the expectation into a step".into()),
        (Some(expect), true) => vec![(&alone, expect)],
        (None, false) => steps,
        (None, true) => return Err("the test expects nothing: add `expect` or `steps`".into()),
    };
    let count = steps.len();
    for (number, (step, expect)) in steps.into_iter().enumerate() {
        if let Some(after) = &step.after {
            stage.advance(duration(after)?);
        }
        let request = step.request.as_deref().or(test.request.as_deref()).or(file.request.as_deref());
        let request = request.ok_or("there is no `request`, neither in the test nor in the file")?;
        let request = prepare::message(files, &text.path, request)?;
        let request = http_text::read(&request).map_err(|error| format!("request: {error}"))?;
        for round in 0..step.repeat.unwrap_or(1) {
            let outcome = stage.play(catalogue, &play, &script, &context, &request)?;
            covered.add(&script, &outcome.coverage);
            report.elapsed += outcome.elapsed;
            let found = differences(expect, &outcome, &services.take_calls())?;
            if found.is_empty() {
                continue;
            }
            let which = match (count > 1, step.repeat.unwrap_or(1) > 1) {
                (false, false) => String::new(),
                (true, false) => format!("step {}: ", number + 1),
                (false, true) => format!("request {}: ", round + 1),
                (true, true) => format!("step {}, request {}: ", number + 1, round + 1),
            };
            report.failures = found.into_iter().map(|difference| format!("{which}{difference}")).collect();
            report.trace = run::trace(&outcome.trace);
            // What comes after a step that went wrong says little.
            return Ok(());
        }
    }
    Ok(())
}
