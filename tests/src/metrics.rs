//! Pages of metrics, as Prometheus reads them.

use std::collections::BTreeMap;

/// The value of each sample of a metrics page, by its name and its labels.
pub fn samples(page: &str) -> BTreeMap<(String, BTreeMap<String, String>), f64> {
    let lines = page.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    let sample = |line: &str| {
        let (series, value) = line.rsplit_once(' ').expect("a value");
        let (name, labels) = series.split_once('{').unwrap_or((series, "}"));
        let labels = labels.strip_suffix('}').expect("labels end");
        let label = |text: &str| {
            let (name, value) = text.split_once("=\"").expect("a label");
            (name.to_owned(), value.trim_end_matches('"').to_owned())
        };
        // No label of these tests has a comma and a name after it within.
        let labels = labels.split("\",").filter(|label| !label.is_empty()).map(label).collect();
        ((name.to_owned(), labels), value.parse().expect("a number"))
    };
    lines.map(sample).collect()
}
