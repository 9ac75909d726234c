//! A simulation of a million clients of a server that is down for a minute. It counts the attempts in each second, with
//! full jitter and with the formulas of other packages. It prints the figures:
//! `cargo test -p fourd-websocket simulation -- --nocapture`. `UPDATE_EXPECT=1` before it writes the picture of the guide.

mod picture;

use super::Schedule;

const CLIENTS: usize = 1_000_000;
/// The time that the server is down, in seconds.
const AWAY: f64 = 60.0;
const WATCHED: usize = 180;

const PICTURE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/pictures/arrivals.svg");

/// Returns the delay of a client before an attempt, in milliseconds. The attempt counts from 1.
type Delay = fn(&Client, u32, &mut Random) -> f64;

/// The choices that a client makes once.
struct Client {
    schedule: Schedule,
    /// The shortest delay of reconnecting-websocket, which is chosen when the package is loaded.
    min_delay: f64,
}

/// SplitMix64, which generates the same numbers in each run.
struct Random(u64);

impl Random {
    /// Returns a number in [0, 1).
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((bits ^ (bits >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }
}

fn full_jitter(client: &Client, attempt: u32, random: &mut Random) -> f64 {
    client.schedule.delay(attempt, random.next())
}

fn no_jitter(client: &Client, attempt: u32, _: &mut Random) -> f64 {
    client.schedule.ceiling(attempt)
}

/// The formula of partysocket 1.3.0, with its `minReconnectionDelay`, `reconnectionDelayGrowFactor` and
/// `maxReconnectionDelay`.
fn partysocket(_: &Client, attempt: u32, _: &mut Random) -> f64 {
    grown(3000.0, attempt)
}

/// The same formula in reconnecting-websocket 4.4.0, with a shortest delay from 1 to 5 s.
fn reconnecting_websocket(client: &Client, attempt: u32, _: &mut Random) -> f64 {
    grown(client.min_delay, attempt)
}

fn grown(min_delay: f64, attempt: u32) -> f64 {
    (min_delay * 1.3_f64.powi(attempt as i32 - 1)).min(10_000.0)
}

/// The attempts as the server sees them.
struct Seen {
    /// The number of attempts in each second after the server went down.
    arrivals: Vec<u32>,
    /// The time at which each client was connected again, in seconds, sorted.
    back: Vec<f64>,
}

fn simulate(delay: Delay) -> Seen {
    let mut random = Random(1);
    let mut seen = Seen { arrivals: vec![0; WATCHED], back: Vec::with_capacity(CLIENTS) };
    let schedule = Schedule::checked(Schedule::DEFAULTS).expect("the defaults are allowed");
    for _ in 0..CLIENTS {
        let client = Client { schedule, min_delay: 1000.0 + random.next() * 4000.0 };
        let mut now = 0.0;
        for attempt in 1.. {
            // A server that is down refuses immediately.
            now += delay(&client, attempt, &mut random) / 1000.0;
            seen.arrivals[(now as usize).min(WATCHED - 1)] += 1;
            if now >= AWAY {
                seen.back.push(now);
                break;
            }
        }
    }
    seen.back.sort_unstable_by(f64::total_cmp);
    seen
}

impl Seen {
    /// Returns the most attempts in one second, while the server is down and after its return.
    fn peaks(&self) -> [u32; 2] {
        let (away, back) = self.arrivals.split_at(AWAY as usize);
        [away, back].map(|seconds| seconds.iter().copied().max().unwrap_or_default())
    }

    /// Returns the time from the server's return until this percentage of the clients was connected again, in seconds.
    fn back(&self, hundredths: usize) -> f64 {
        self.back[CLIENTS * hundredths / 100 - 1] - AWAY
    }
}

#[test]
fn a_million_clients_do_not_come_back_at_once() {
    let formulas: [(&str, Delay); 4] = [
        ("full jitter", full_jitter),
        ("no jitter", no_jitter),
        ("partysocket", partysocket),
        ("reconnecting-websocket", reconnecting_websocket),
    ];
    println!("{:24}{:>12}{:>12}{:>12}{:>8}{:>8}{:>8}", "", "attempts", "peak away", "peak back", "50 %", "99 %", "all");
    let seen = formulas.map(|(name, delay)| {
        let seen = simulate(delay);
        let [away, back] = seen.peaks();
        let attempts: u32 = seen.arrivals.iter().sum();
        let [half, most, all] = [50, 99, 100].map(|hundredths| seen.back(hundredths));
        println!("{name:24}{attempts:>12}{away:>12}{back:>12}{half:>6.1} s{most:>6.1} s{all:>6.1} s");
        seen
    });
    for ((name, _), seen) in formulas.iter().zip(&seen) {
        println!("{name}, arrivals by the second: {:?}", &seen.arrivals);
        assert_eq!(seen.back.len(), CLIENTS, "{name}");
        assert!(seen.back(1) >= 0.0, "{name}: nobody is back before the server");
    }
    let [jitter, none, party, _] = &seen;
    assert_eq!([none.peaks()[1], party.peaks()[1]], [CLIENTS as u32; 2], "without jitter, all come in one second");
    assert!(jitter.peaks()[1] < CLIENTS as u32 / 20, "with it, less than a twentieth: {:?}", jitter.peaks());
    assert!(jitter.back(100) <= 60.0, "all are back within the longest wait");

    let titles = ["Full jitter: this package", "No jitter", "partysocket 1.3.0", "reconnecting-websocket 4.4.0"];
    let svg = picture::svg(&titles.into_iter().zip(&seen).collect::<Vec<_>>());
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(PICTURE, &svg).expect("the directory exists");
    }
    let current = std::fs::read_to_string(PICTURE).expect("the picture of the guide");
    assert!(current == svg, "{PICTURE} is of another simulation; run this test with UPDATE_EXPECT=1");
}
