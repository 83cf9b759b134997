//! What policies emit (`emit-metric`), added up for Prometheus as counts and sums.

use std::{
    collections::HashMap,
    fmt::Write as _,
    sync::{Arc, Mutex},
};

use policy::metrics::Emitted;

use crate::lock;

/// Sets of dimension values that one metric may have. Past it, numbers go into one series that says so: a caller who can
/// choose a value must not fill the memory.
const MOST_PER_METRIC: usize = 2000;

/// The same for all metrics together.
const MOST: usize = 50_000;

/// Characters of a value that are kept.
const LONGEST: usize = 256;

/// The labels that are ours; a dimension of such a name is told apart.
const OWN: [&str; 4] = ["service", "workspace", "namespace", "name"];

/// Every series so far.
#[derive(Default)]
pub(crate) struct Sums(Mutex<Known>);

#[derive(Default)]
struct Known {
    series: HashMap<Series, Sum>,
    sizes: HashMap<[Arc<str>; 4], usize>,
}

#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Series {
    metric: [Arc<str>; 4],
    dimensions: Box<[(Arc<str>, Arc<str>)]>,
}

#[derive(Clone, Copy, Default)]
struct Sum {
    count: u64,
    sum: f64,
}

impl Sums {
    pub(crate) fn add(&self, emitted: Emitted) {
        let Emitted { service, workspace, namespace, name, value, dimensions } = emitted;
        let metric = [service, workspace, namespace, name];
        let dimensions = dimensions.into_iter().map(|(name, value)| (name, shortened(value))).collect();
        let mut series = Series { metric: metric.clone(), dimensions };
        let mut known = lock(&self.0);
        if !known.series.contains_key(&series) {
            let all = known.series.len();
            let size = known.sizes.entry(metric).or_default();
            if *size >= MOST_PER_METRIC || all >= MOST {
                series.dimensions = [("overflow".into(), "true".into())].into();
            } else {
                *size += 1;
            }
        }
        let sum = known.series.entry(series).or_default();
        sum.count += 1;
        sum.sum += value;
    }

    /// The family as OpenMetrics text; nothing where nothing was emitted.
    pub(crate) fn render(&self, text: &mut String) {
        let known = lock(&self.0);
        if known.series.is_empty() {
            return;
        }
        text.push_str(
            "# HELP tollgate_custom_metric Numbers that policies emit.\n# TYPE tollgate_custom_metric summary\n",
        );
        let mut all: Vec<_> = known.series.iter().collect();
        all.sort_by_key(|(name, _)| *name);
        for (series, sum) in all {
            let labels = labels(series);
            // Writing into a `String` does not fail.
            let _ = writeln!(text, "tollgate_custom_metric_count{{{labels}}} {}", sum.count);
            let _ = writeln!(text, "tollgate_custom_metric_sum{{{labels}}} {}", sum.sum);
        }
    }
}

fn shortened(value: Arc<str>) -> Arc<str> {
    match value.char_indices().nth(LONGEST) {
        Some((end, _)) => value.get(..end).unwrap_or_default().into(),
        None => value,
    }
}

fn labels(series: &Series) -> String {
    let mut names: Vec<String> = OWN.map(str::to_owned).into();
    for (dimension, _) in &series.dimensions {
        let mut name = label(dimension);
        while names.contains(&name) {
            name = format!("dimension_{name}");
        }
        names.push(name);
    }
    let values = series.metric.iter().chain(series.dimensions.iter().map(|(_, value)| value));
    let pairs: Vec<_> =
        names.iter().zip(values).map(|(name, value)| format!("{name}=\"{}\"", escaped(value))).collect();
    pairs.join(",")
}

/// A label's name may hold letters, digits and `_`, and begins with no digit.
fn label(dimension: &str) -> String {
    let name: String = dimension.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    if name.starts_with(|first: char| first.is_ascii_digit()) || name.is_empty() { format!("_{name}") } else { name }
}

fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn emitted(value: f64, dimensions: &[(&str, &str)]) -> Emitted {
        Emitted {
            service: "contoso".into(),
            workspace: "".into(),
            namespace: "Shop".into(),
            name: "orders".into(),
            value,
            dimensions: dimensions.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect(),
        }
    }

    fn text(sums: &Sums) -> String {
        let mut text = String::new();
        sums.render(&mut text);
        text
    }

    #[test]
    fn numbers_of_equal_dimensions_are_added_up() {
        let sums = Sums::default();
        assert_eq!(text(&sums), "");
        for (value, api) in [(1.0, "echo"), (2.5, "echo"), (4.0, "say \"hi\"")] {
            sums.add(emitted(value, &[("API ID", api), ("name", "x")]));
        }
        let labels = |api| {
            format!(
                r#"{{service="contoso",workspace="",namespace="Shop",name="orders",API_ID="{api}",dimension_name="x"}}"#
            )
        };
        let text = text(&sums);
        for line in [
            format!("tollgate_custom_metric_count{} 2", labels("echo")),
            format!("tollgate_custom_metric_sum{} 3.5", labels("echo")),
            format!("tollgate_custom_metric_sum{} 4", labels(r#"say \"hi\""#)),
        ] {
            assert!(text.lines().any(|found| found == line), "{line}\nis not in\n{text}");
        }
    }

    #[test]
    fn values_without_end_do_not_fill_the_memory() {
        let sums = Sums::default();
        for number in 0..MOST_PER_METRIC + 10 {
            sums.add(emitted(1.0, &[("key", &number.to_string())]));
        }
        let text = text(&sums);
        assert_eq!(text.matches("_count{").count(), MOST_PER_METRIC + 1);
        assert!(text.contains(r#"name="orders",overflow="true"} 10"#), "the rest is counted together");
    }

    proptest::proptest! {
        #[test]
        fn every_line_stays_a_line(dimension in "\\PC{0,12}", value in "(\\PC|\n|\\\\|\"){0,12}") {
            let sums = Sums::default();
            sums.add(emitted(1.0, &[(&dimension, &value)]));
            let text = text(&sums);
            assert_eq!(text.lines().count(), 4);
            let line = text.lines().next_back().unwrap_or_default();
            assert!(line.ends_with("\"} 1") && line.is_char_boundary(line.len() - 2), "{line}");
        }
    }
}
