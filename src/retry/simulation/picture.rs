//! The picture of the simulation in the guide, as SVG: a chart of arrivals for each formula, one below the other.

use std::fmt::Write;

use super::{AWAY, CLIENTS, Seen};

const WIDTH: f64 = 380.0;
/// The height of a chart with its three lines of text, and that of the chart itself.
const PANEL: f64 = 130.0;
const CHART: f64 = 56.0;
const LEFT: f64 = 8.0;
const PIXELS_PER_SECOND: f64 = 2.9;
const SHOWN: usize = 125;

const STYLE: &str = "  <style>
    :root { color-scheme: light dark; --ink: #24292f; --soft: #59636e; --line: #8c959f; --accent: #0b6b75; --down: #eceff2; }
    @media (prefers-color-scheme: dark) {
      :root { --ink: #e6edf3; --soft: #9da7b1; --line: #6e7681; --accent: #5cc4cf; --down: #2b3036; }
    }
    text { fill: var(--ink); }
    .soft { fill: var(--soft); font-size: 12px; }
    .name { font-weight: 600; }
    .line { fill: none; stroke: var(--line); }
    .down { fill: var(--down); }
    .arrivals { fill: var(--accent); }
  </style>
";

/// Draws the arrivals of each formula, which has a title.
pub(super) fn svg(formulas: &[(&str, &Seen)]) -> String {
    let height = PANEL * formulas.len() as f64 + 34.0;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{height}\" viewBox=\"0 0 {WIDTH} {height}\" \
         font-family=\"ui-sans-serif, system-ui, sans-serif\" font-size=\"14\">\n{STYLE}"
    );
    for (at, (title, seen)) in formulas.iter().enumerate() {
        panel(&mut svg, PANEL * at as f64, title, seen);
    }
    axis(&mut svg, PANEL * formulas.len() as f64);
    svg + "</svg>\n"
}

fn panel(svg: &mut String, top: f64, title: &str, seen: &Seen) {
    let [away, back] = seen.peaks().map(grouped);
    let [half, all] = [50, 100].map(|hundredths| seen.back(hundredths));
    let attempts = f64::from(seen.arrivals.iter().sum::<u32>()) / 1e6;
    let lines = [
        ("name", title.to_owned()),
        ("soft", format!("at most {away} a second while it is down, {back} after")),
        ("soft", format!("{attempts:.1} million attempts; half are back after {half:.0} s, all after {all:.0} s")),
    ];
    for ((class, line), y) in lines.iter().zip([16.0, 34.0, 50.0]) {
        let _ = writeln!(svg, "  <text class=\"{class}\" x=\"{LEFT}\" y=\"{}\">{line}</text>", top + y);
    }
    let bottom = top + PANEL - 14.0;
    let (chart, down, right) = (bottom - CHART, AWAY * PIXELS_PER_SECOND, LEFT + SHOWN as f64 * PIXELS_PER_SECOND);
    let outline = outline(&seen.arrivals, bottom);
    let _ = write!(
        svg,
        "  <rect class=\"down\" x=\"{LEFT}\" y=\"{chart}\" width=\"{down}\" height=\"{CHART}\"/>\n  \
         <path class=\"arrivals\" d=\"{outline}\"/>\n  \
         <path class=\"line\" d=\"M{LEFT} {bottom}H{right}\"/>\n"
    );
}

/// The outline of a chart: steps, one for each second. A million arrivals have the chart's height.
fn outline(arrivals: &[u32], bottom: f64) -> String {
    let mut outline = format!("M{LEFT} {bottom}");
    let mut last = bottom;
    for (second, &count) in arrivals.iter().take(SHOWN).enumerate() {
        let y = bottom - f64::from(count) / CLIENTS as f64 * CHART;
        let x = LEFT + second as f64 * PIXELS_PER_SECOND;
        if y != last {
            let _ = write!(outline, "H{x:.1}V{y:.1}");
        }
        last = y;
    }
    outline + &format!("V{bottom}Z")
}

fn axis(svg: &mut String, top: f64) {
    for second in [0, 30, 60, 90, 120] {
        let x = LEFT + f64::from(second) * PIXELS_PER_SECOND;
        let anchor = if second == 0 { "start" } else { "middle" };
        let _ = writeln!(
            svg,
            "  <text class=\"soft\" x=\"{x}\" y=\"{}\" text-anchor=\"{anchor}\">{second} s</text>",
            top + 2.0
        );
    }
    let (middle, y) = (LEFT + AWAY / 2.0 * PIXELS_PER_SECOND, top + 22.0);
    let _ = writeln!(
        svg,
        "  <text class=\"soft\" x=\"{middle}\" y=\"{y}\" text-anchor=\"middle\">the server is down</text>"
    );
}

/// A number with commas between groups of three digits.
fn grouped(number: u32) -> String {
    let digits = number.to_string();
    let groups: Vec<_> = digits.as_bytes().rchunks(3).rev().map(String::from_utf8_lossy).collect();
    groups.join(",")
}

#[test]
fn digits_are_in_groups_of_three() {
    assert_eq!([7, 999, 1000, 36_598, 1_000_000].map(grouped), ["7", "999", "1,000", "36,598", "1,000,000"]);
}
