//! A mutable XML tree with the semantics of LINQ to XML, and XPath 1.0.
