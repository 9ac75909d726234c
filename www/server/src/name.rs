//! The names of people and rooms.

use icu_normalizer::ComposingNormalizerBorrowed;
use icu_properties::CodePointMapData;
use icu_properties::props::GeneralCategory;

use crate::glyph::{is_blank, is_visible, shows_something};

/// The longest name, in Unicode scalar values.
const LONGEST: usize = 32;

/// A name that can be read, and that cannot be imitated with invisible characters.
#[derive(Clone, Debug)]
pub struct Name {
    /// The name as it was written, without white space at the ends.
    pub shown: String,
    /// The key for comparisons. Names that differ only in case have the same key.
    pub key: String,
}

/// The defect of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    Length,
    Characters,
}

impl Name {
    pub fn new(written: &str) -> Result<Self, Fault> {
        let shown = written.trim();
        if !(1..=LONGEST).contains(&shown.chars().count()) {
            return Err(Fault::Length);
        }
        match shows_something(shown) && !shown.chars().any(is_refused) {
            true => Ok(Self { shown: shown.to_owned(), key: key(shown) }),
            false => Err(Fault::Characters),
        }
    }
}

/// Returns whether a name may not have a character, by general category: Cc (controls), Zl and Zp (line and paragraph
/// separators), Co and Cn (private and unassigned), and Cf (formats: the overrides, embeddings, isolates and marks of
/// bidirectional text, the soft hyphen, the byte order mark and other invisible ones). The exceptions in Cf are the
/// joiners, which emoji and many scripts need, and the tags at the end of the flags of regions. Blank characters are
/// refused, too, so that a name looks the same everywhere.
fn is_refused(character: char) -> bool {
    const ZERO_WIDTH_NON_JOINER: char = '\u{200C}';
    const ZERO_WIDTH_JOINER: char = '\u{200D}';
    match CodePointMapData::<GeneralCategory>::new().get(character) {
        GeneralCategory::Format => {
            !matches!(character, ZERO_WIDTH_NON_JOINER | ZERO_WIDTH_JOINER | '\u{E0020}'..='\u{E007F}')
        }
        GeneralCategory::Control
        | GeneralCategory::LineSeparator
        | GeneralCategory::ParagraphSeparator
        | GeneralCategory::PrivateUse
        | GeneralCategory::Unassigned => true,
        _ => is_blank(character),
    }
}

/// Returns the key of a name: its NFKC form in lower case, without invisible characters, with single spaces.
fn key(shown: &str) -> String {
    let visible: String =
        shown.chars().filter(|character| character.is_whitespace() || is_visible(*character)).collect();
    let folded = ComposingNormalizerBorrowed::new_nfkc().normalize(&visible).to_lowercase();
    folded.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn key_of(written: &str) -> String {
        Name::new(written).expect("a good name").key
    }

    #[test]
    fn a_name_has_1_to_32_characters_between_its_white_space() {
        let longest = "é".repeat(32);
        assert_eq!(Name::new(&format!(" \t{longest}\u{3000}\n")).expect("32 of them").shown, longest);
        for wrong in ["", "  \u{A0}\u{2003}\n", &"é".repeat(33), &"a".repeat(33)] {
            assert_eq!(Name::new(wrong).err(), Some(Fault::Length), "{wrong:?}");
        }
    }

    #[test]
    fn names_of_every_script_and_emoji_pass() {
        let flag = "\u{1F3F4}\u{E0067}\u{E0062}\u{E0073}\u{E0063}\u{E0074}\u{E007F}";
        let family = "👩\u{200D}👩\u{200D}👧\u{200D}👦";
        for name in [
            "Ada",
            "José",
            "Дмитрий",
            "علی\u{200C}رضا",
            "שלום",
            "李小龍",
            "ஸ்ரீ",
            "ක\u{0DCA}\u{200D}ෂ",
            "❤\u{FE0F}",
            flag,
            family,
            "👍🏽",
        ] {
            assert_eq!(Name::new(name).map(|name| name.shown).as_deref(), Ok(name));
        }
    }

    #[test]
    fn what_cannot_be_seen_is_refused() {
        for hidden in [
            '\0',
            '\n',
            '\u{1B}',
            '\u{7F}',
            '\u{85}',
            '\u{AD}',
            '\u{61C}',
            '\u{180E}',
            '\u{200B}',
            '\u{200E}',
            '\u{200F}',
            '\u{2028}',
            '\u{2029}',
            '\u{202A}',
            '\u{202B}',
            '\u{202C}',
            '\u{202D}',
            '\u{202E}',
            '\u{2060}',
            '\u{2066}',
            '\u{2067}',
            '\u{2068}',
            '\u{2069}',
            '\u{FEFF}',
            '\u{FFF9}',
            '\u{E0001}',
            '\u{E000}',
            '\u{FFFF}',
            '\u{2800}',
            '\u{13441}',
            '\u{13442}',
            '\u{16FE4}',
            '\u{1D159}',
        ] {
            assert_eq!(Name::new(&format!("Ada{hidden}a")).err(), Some(Fault::Characters), "{hidden:?}");
            assert_eq!(Name::new(&format!("A{hidden}da")).err(), Some(Fault::Characters), "{hidden:?}");
        }
    }

    #[test]
    fn a_name_shows_something() {
        // Names of joiners, tags, fillers and variation selectors alone.
        for blank in [
            "\u{200D}",
            "\u{200C}\u{200C}",
            "\u{E0067}\u{E007F}",
            "\u{3164}",
            "\u{115F}\u{1160}",
            "\u{FE0F}",
            "\u{34F}",
            "\u{2800}",
            "\u{2800}\u{2800} \u{2800}",
            "\u{13441}\u{13442}",
            "\u{16FE4}",
            "\u{1D159}",
        ] {
            assert_eq!(Name::new(blank).err(), Some(Fault::Characters), "{blank:?}");
        }
    }

    #[test]
    fn names_that_look_the_same_are_the_same() {
        for (one, other) in [
            ("Ada", "aDA"),
            ("Ada", "A\u{200D}da"),
            ("Ada", "Ａｄａ"),
            ("José", "Jose\u{301}"),
            ("ÉMILE", "émile"),
            ("Ada L", " Ada  \u{A0} L"),
            ("ΣΟΦΙΑ", "σοφια"),
        ] {
            assert_eq!(key_of(one), key_of(other), "{one} {other}");
        }
        assert_ne!(key_of("Ada"), key_of("Äda"));
    }

    proptest! {
        #[test]
        fn a_name_that_is_taken_is_taken_again_as_it_is_shown(written: String) {
            if let Ok(name) = Name::new(&written) {
                prop_assert!(shows_something(&name.key));
                let again = Name::new(&name.shown).expect("the same");
                prop_assert_eq!((again.shown, again.key), (name.shown, name.key));
            }
        }
    }

    #[test]
    fn nothing_that_cannot_be_seen_makes_another_name() {
        let is_hidden = |character: &char| !is_visible(*character) && !character.is_whitespace();
        for hidden in (char::MIN..=char::MAX).filter(is_hidden) {
            for at in 0..=3 {
                let mut written = "Ada".to_owned();
                written.insert(at, hidden);
                // The name is refused, or has the same key.
                assert!(Name::new(&written).map_or(true, |name| name.key == "ada"), "{hidden:?}");
            }
        }
    }
}
