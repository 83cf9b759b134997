//! Tokens of C#.

use base::Span;

/// A token and its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// Where it stands; empty for tokens that the lexer supplied.
    pub span: Span,
}

macro_rules! tokens {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)* ; $($keyword:ident = $word:literal,)*) => {
        /// What a token is. Contextual words (`var`, `from`, `when` …) are identifiers.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum TokenKind {
            /// The end of the text.
            End,
            /// Characters that C# does not know; the lexer has reported them.
            Bad,
            /// An identifier.
            Identifier,
            /// A number, character or string: an index into [`crate::lexer::Tokens::literals`].
            Literal(u32),
            /// `$"` or `$@"`.
            InterpolationStart,
            /// Text of an interpolated string: an index into [`crate::lexer::Tokens::texts`].
            InterpolationText(u32),
            /// `{` of a hole.
            HoleStart,
            /// `:` and the format of a hole: an index into [`crate::lexer::Tokens::texts`].
            HoleFormat(u32),
            /// `}` of a hole.
            HoleEnd,
            /// `"` at the end of an interpolated string.
            InterpolationEnd,
            $($(#[$doc])* #[doc = concat!("`", $text, "`.")] $name,)*
            $(#[doc = concat!("`", $word, "`.")] $keyword,)*
        }

        impl TokenKind {
            /// How it is written, as compilers cite it. Empty for what has no fixed text; the end of the text is cited as
            /// the brace that closes the method around it.
            pub const fn text(self) -> &'static str {
                match self {
                    Self::End => "}",
                    $(Self::$name => $text,)*
                    $(Self::$keyword => $word,)*
                    _ => "",
                }
            }

            /// The reserved word `text`.
            pub fn keyword(text: &str) -> Option<Self> {
                match text {
                    $($word => Some(Self::$keyword),)*
                    _ => None,
                }
            }

            /// Whether it is a reserved word.
            pub const fn is_keyword(self) -> bool {
                matches!(self, $(Self::$keyword)|*)
            }
        }
    };
}

tokens! {
    OpenParen = "(", CloseParen = ")", OpenBracket = "[", CloseBracket = "]", OpenBrace = "{", CloseBrace = "}",
    Dot = ".", DotDot = "..", Comma = ",", Colon = ":", ColonColon = "::", Semicolon = ";",
    Question = "?", QuestionQuestion = "??", QuestionQuestionEquals = "??=", Arrow = "=>", PointerArrow = "->",
    Plus = "+", Minus = "-", Star = "*", Slash = "/", Percent = "%", Ampersand = "&", Bar = "|", Caret = "^",
    Exclamation = "!", Tilde = "~", PlusPlus = "++", MinusMinus = "--", AmpersandAmpersand = "&&", BarBar = "||",
    LessLess = "<<", Less = "<",
    /// Shifts are two of them side by side, so that `List<List<int>>` can end.
    Greater = ">",
    LessEquals = "<=", GreaterEquals = ">=", EqualsEquals = "==", ExclamationEquals = "!=",
    Equals = "=", PlusEquals = "+=", MinusEquals = "-=", StarEquals = "*=", SlashEquals = "/=", PercentEquals = "%=",
    AmpersandEquals = "&=", BarEquals = "|=", CaretEquals = "^=", LessLessEquals = "<<=",
    ;
    Abstract = "abstract", As = "as", Base = "base", Bool = "bool", Break = "break", Byte = "byte", Case = "case",
    Catch = "catch", Char = "char", Checked = "checked", Class = "class", Const = "const", Continue = "continue",
    Decimal = "decimal", Default = "default", Delegate = "delegate", Do = "do", Double = "double", Else = "else",
    Enum = "enum", Event = "event", Explicit = "explicit", Extern = "extern", False = "false", Finally = "finally",
    Fixed = "fixed", Float = "float", For = "for", Foreach = "foreach", Goto = "goto", If = "if", Implicit = "implicit",
    In = "in", Int = "int", Interface = "interface", Internal = "internal", Is = "is", Lock = "lock", Long = "long",
    Namespace = "namespace", New = "new", Null = "null", Object = "object", Operator = "operator", Out = "out",
    Override = "override", Params = "params", Private = "private", Protected = "protected", Public = "public",
    Readonly = "readonly", Ref = "ref", Return = "return", SByte = "sbyte", Sealed = "sealed", Short = "short",
    SizeOf = "sizeof", StackAlloc = "stackalloc", Static = "static", String = "string", Struct = "struct",
    Switch = "switch", This = "this", Throw = "throw", True = "true", Try = "try", TypeOf = "typeof", UInt = "uint",
    ULong = "ulong", Unchecked = "unchecked", Unsafe = "unsafe", UShort = "ushort", Using = "using",
    Virtual = "virtual", Void = "void", Volatile = "volatile", While = "while",
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keywords_are_found_by_their_text() {
        assert_eq!(TokenKind::keyword("foreach"), Some(TokenKind::Foreach));
        assert_eq!(TokenKind::keyword("var"), None);
        assert!(TokenKind::Foreach.is_keyword() && !TokenKind::Identifier.is_keyword());
        assert_eq!((TokenKind::Foreach.text(), TokenKind::End.text(), TokenKind::Bad.text()), ("foreach", "}", ""));
    }
}
