//! C# 7.3 expressions: lexer, parser, binder, typed IR and executor. Knows no .NET type but through a member table.

pub mod ast;
pub mod parser;
