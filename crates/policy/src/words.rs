//! Closed sets of words that attributes take.

/// Declares an enum whose variants are words of the contract.
///
/// ```
/// policy::words! {
///     /// What to do.
///     pub enum Exists { Override = "override", Skip = "skip" }
/// }
/// assert_eq!(Exists::WORDS, ["override", "skip"]);
/// ```
#[macro_export]
macro_rules! words {
    ($(#[$meta:meta])* $vis:vis enum $name:ident { $($variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[expect(missing_docs, reason = "the words of the contract")]
        $vis enum $name { $($variant),+ }

        impl $name {
            /// The words in their order.
            $vis const WORDS: &'static [&'static str] = &[$($word),+];
        }

        impl $crate::FromText for $name {
            fn from_text(text: &str) -> Result<Self, String> {
                match text.trim() {
                    $(word if word.eq_ignore_ascii_case($word) => Ok(Self::$variant),)+
                    other => Err(format!("\"{other}\" is none of {}", Self::WORDS.join(", "))),
                }
            }
        }
    };
}
