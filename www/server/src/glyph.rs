//! The visible characters of a text.

use icu_properties::props::{
    DefaultIgnorableCodePoint, GeneralCategory, NoncharacterCodePoint, PrependedConcatenationMark, WhiteSpace,
};
use icu_properties::{CodePointMapData, CodePointSetData};

/// Characters that the charts of Unicode show as blank. Its data calls them letters, symbols or marks, and has no
/// property that distinguishes them: the empty cell of Braille, two blanks of hieroglyphs, the filler of Khitan, and a
/// note without a head.
const BLANKS: [char; 5] = ['\u{2800}', '\u{13441}', '\u{13442}', '\u{16FE4}', '\u{1D159}'];

/// Returns whether a text has a visible character.
pub fn shows_something(text: &str) -> bool {
    text.chars().any(is_visible)
}

/// Returns whether a character is visible on its own. Private and unassigned characters count as visible, because a
/// font may have them.
pub fn is_visible(character: char) -> bool {
    let is_nothing = CodePointSetData::new::<WhiteSpace>().contains(character)
        || CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(character)
        || CodePointSetData::new::<NoncharacterCodePoint>().contains(character)
        || is_blank(character);
    match CodePointMapData::<GeneralCategory>::new().get(character) {
        _ if is_nothing => false,
        GeneralCategory::Control => false,
        // Some format characters precede a number and are drawn under it.
        GeneralCategory::Format => CodePointSetData::new::<PrependedConcatenationMark>().contains(character),
        _ => true,
    }
}

/// Returns whether a character is blank and not white space.
pub fn is_blank(character: char) -> bool {
    BLANKS.contains(&character)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_nothing_is_nothing_to_see() {
        for character in [
            '\0',
            '\n',
            '\u{7F}',
            '\u{85}',
            ' ',
            '\u{A0}',
            '\u{2003}',
            '\u{3000}',
            '\u{1680}',
            '\u{2028}', // spaces
            '\u{AD}',
            '\u{34F}',
            '\u{61C}',
            '\u{180E}',
            '\u{200B}',
            '\u{200D}',
            '\u{202E}',
            '\u{2060}', // formats
            '\u{206F}',
            '\u{FEFF}',
            '\u{FFF9}',
            '\u{13430}',
            '\u{1BCA0}',
            '\u{1D173}',
            '\u{E0001}',
            '\u{E0041}',
            '\u{115F}',
            '\u{1160}',
            '\u{17B4}',
            '\u{180B}',
            '\u{3164}',
            '\u{FE0F}',
            '\u{FFA0}',
            '\u{E01EF}', // ignorable
            '\u{2065}',
            '\u{FFF0}',
            '\u{E0FFF}', // ignorable, once they are assigned
            '\u{FFFE}',
            '\u{FDD0}',
            '\u{10FFFF}', // never assigned
            '\u{2800}',
            '\u{13441}',
            '\u{13442}',
            '\u{16FE4}',
            '\u{1D159}', // blank
        ] {
            assert!(!is_visible(character), "{character:?}");
        }
    }

    #[test]
    fn what_can_be_seen_is_seen() {
        for character in [
            'a',
            'é',
            'Ω',
            '李',
            'ش',
            'ක',
            '.',
            '_',
            '☕',
            '👍',
            '\u{301}',
            '\u{600}',
            '\u{6DD}',
            '\u{2801}',
            '\u{2422}',
            '\u{303F}',
            '\u{13000}',
            '\u{1D158}',
            '\u{18B00}',
            '\u{FFFD}',
            '\u{F8FF}',
            '\u{1FAFF}',
            '\u{1F3F4}',
        ] {
            assert!(is_visible(character), "{character:?}");
        }
    }

    #[test]
    fn a_text_shows_something_by_one_character() {
        assert!(!shows_something(""));
        assert!(!shows_something("\u{200B} \u{2800}\u{FE0F}\n\u{16FE4}"));
        assert!(shows_something("\u{200B} \u{2800}\u{FE0F}\n.\u{16FE4}"));
    }
}
