//! A plot: for each case, where each subject's median and quartiles are. Its lengths across are in per cent, so that it
//! is as wide as the page, and its text stays as large as the page's.

use std::fmt::Write;

use super::figure::Spread;

pub struct Plot {
    /// What is shown of a number.
    pub unit: &'static str,
    /// A line to stay on the left of.
    pub goal: Option<f64>,
    /// Each case, with its subjects.
    pub cases: Vec<(String, Vec<(String, Spread)>)>,
}

const LINE: usize = 15;
const LABEL: usize = 22;
/// Left and right of the numbers, in per cent: a dot at the edge is whole.
const MARGIN: f64 = 3.0;

impl Plot {
    /// The scale is logarithmic: twice as much is as far everywhere.
    pub fn svg(&self) -> String {
        let numbers = self.cases.iter().flat_map(|(_, subjects)| subjects.iter().map(|(_, spread)| spread));
        let (low, high) = numbers.fold((f64::MAX, f64::MIN), |(low, high), spread| {
            (low.min(spread.low.max(spread.median / 4.0)), high.max(spread.high.min(spread.median * 4.0)))
        });
        let goal = self.goal.unwrap_or(low);
        let (low, high) = (low.min(goal).max(f64::MIN_POSITIVE), high.max(goal * 1.1));
        let range = (high / low).ln();
        let x = |number: f64| MARGIN + (100.0 - 2.0 * MARGIN) * ((number.clamp(low, high) / low).ln() / range);

        let lines: usize = self.cases.iter().map(|(_, subjects)| subjects.len()).sum();
        let height = LABEL * (self.cases.len() + 1) + LINE * lines + 6;
        let mut svg = format!("<svg width=\"100%\" height=\"{height}\" role=\"img\">");
        for tick in ticks(low, high) {
            let at = x(tick);
            let _ = write!(
                svg,
                "<line class=\"tick\" x1=\"{at:.2}%\" x2=\"{at:.2}%\" y1=\"16\" y2=\"{height}\"/>\
                 <text class=\"tick\" x=\"{at:.2}%\" y=\"11\">{tick}{}</text>",
                self.unit
            );
        }
        if let Some(goal) = self.goal {
            let at = x(goal);
            let _ = write!(svg, "<line class=\"goal\" x1=\"{at:.2}%\" x2=\"{at:.2}%\" y1=\"16\" y2=\"{height}\"/>");
        }
        let mut y = LABEL;
        for (case, subjects) in &self.cases {
            y += LABEL;
            let _ = write!(svg, "<text class=\"case\" x=\"0\" y=\"{}\">{case}</text>", y - 6);
            for (subject, Spread { low, median, high }) in subjects {
                y += LINE;
                let (from, to, at, middle) = (x(*low), x(*high), x(*median), y - LINE / 2);
                let _ = write!(
                    svg,
                    "<g class=\"{subject}\"><title>{subject}: {median:.3}{unit}, half of all {low:.3} to {high:.3}</title>\
                     <line x1=\"{from:.2}%\" x2=\"{to:.2}%\" y1=\"{middle}\" y2=\"{middle}\"/>\
                     <circle cx=\"{at:.2}%\" cy=\"{middle}\" r=\"4\"/></g>",
                    unit = self.unit
                );
            }
        }
        svg + "</svg>\n"
    }
}

/// Round numbers, at most about six of them.
fn ticks(low: f64, high: f64) -> Vec<f64> {
    let decades = low.log10().floor() as i32..=high.log10().ceil() as i32;
    let of = |steps: &[f64]| -> Vec<f64> {
        let all = decades
            .clone()
            .flat_map(|decade| steps.iter().map(move |step| (step * 1e6).round() * 10f64.powi(decade) / 1e6));
        all.filter(|tick| (low..=high).contains(tick)).collect()
    };
    let finest = of(&[1.0, 1.1, 1.2, 1.5, 2.0, 3.0, 5.0, 7.0, 8.0, 9.0]);
    [finest, of(&[1.0, 2.0, 5.0]), of(&[1.0])].into_iter().find(|ticks| ticks.len() <= 6).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_few_and_round() {
        assert_eq!(ticks(0.5, 2.0), [0.5, 1.0, 2.0]);
        assert_eq!(ticks(0.95, 1.3), [1.0, 1.1, 1.2]);
        assert_eq!(ticks(2.0, 2000.0), [10.0, 100.0, 1000.0]);
    }

    #[test]
    fn every_subject_of_every_case_has_its_dot() {
        let spread = |median| Spread { low: median * 0.9, median, high: median * 1.1 };
        let subjects = vec![("package".to_owned(), spread(1.0)), ("ws".to_owned(), spread(0.0))];
        let plot =
            Plot { unit: "", goal: Some(1.03), cases: vec![("a".into(), subjects.clone()), ("b".into(), subjects)] };
        let svg = plot.svg();
        assert_eq!(svg.matches("<circle").count(), 4);
        assert_eq!(svg.matches("class=\"goal\"").count(), 1);
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
    }
}
