//! Finds where a value stands in a JSON text. Only texts that were parsed before come here.

/// Line and position of the value at the end of `path`; of the last value on the way that is there.
pub(crate) fn find(text: &[u8], path: &[String], fold_names: bool) -> (u32, u32) {
    let mut scan = Scan { text, at: 0 };
    scan.space();
    let mut found = scan.at;
    for key in path {
        let Some(at) = scan.enter(key, fold_names) else { break };
        found = at;
        scan.at = at;
    }
    scan.at = found;
    let end = match text.get(found) {
        Some(b'{' | b'[') | None => found,
        Some(_) => {
            scan.value();
            scan.at.max(1) - 1
        }
    };
    let before = text.get(..end).unwrap_or_default();
    let line = before.split(|byte| *byte == b'\n').count();
    let start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    // Positions count characters; a byte that continues one is none.
    let characters = before.get(start..).unwrap_or_default().iter().filter(|byte| **byte & 0xc0 != 0x80).count();
    (line as u32, characters as u32 + 1)
}

struct Scan<'t> {
    text: &'t [u8],
    at: usize,
}

impl Scan<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn space(&mut self) {
        while self.peek().is_some_and(|byte| byte.is_ascii_whitespace()) {
            self.at += 1;
        }
    }

    /// Where the member `key` of the object or array at hand begins.
    fn enter(&mut self, key: &str, fold_names: bool) -> Option<usize> {
        let object = match self.peek()? {
            b'{' => true,
            b'[' => false,
            _ => return None,
        };
        self.at += 1;
        let mut index = 0_usize;
        let mut found = None;
        loop {
            self.space();
            match self.peek()? {
                b'}' | b']' => return found,
                b',' => {
                    self.at += 1;
                    continue;
                }
                _ => {}
            }
            let here = if object {
                let start = self.at;
                self.string();
                let name: Option<String> =
                    self.text.get(start..self.at).and_then(|name| serde_json::from_slice(name).ok());
                self.space();
                if self.peek()? != b':' {
                    return found;
                }
                self.at += 1;
                self.space();
                name.is_some_and(|name| name == key || (fold_names && name.to_lowercase() == key))
            } else {
                index += 1;
                key.parse() == Ok(index - 1)
            };
            if here {
                found = Some(self.at);
                // Of equal names the last counts.
                if !object {
                    return found;
                }
            }
            let before = self.at;
            self.value();
            if self.at == before {
                return found;
            }
        }
    }

    fn string(&mut self) {
        self.at += 1;
        while let Some(byte) = self.peek() {
            self.at += if byte == b'\\' { 2 } else { 1 };
            if byte == b'"' {
                break;
            }
        }
        self.at = self.at.min(self.text.len());
    }

    /// Passes a value, however deep it nests.
    fn value(&mut self) {
        let mut depth = 0_usize;
        while let Some(byte) = self.peek() {
            match byte {
                b'"' => self.string(),
                b'{' | b'[' => {
                    depth += 1;
                    self.at += 1;
                }
                b'}' | b']' if depth == 0 => return,
                b'}' | b']' => {
                    depth -= 1;
                    self.at += 1;
                }
                b',' if depth == 0 => return,
                byte if depth == 0 && byte.is_ascii_whitespace() => return,
                _ if depth == 0 => {
                    let word = |byte: &u8| !(byte.is_ascii_whitespace() || b",}]".contains(byte));
                    let rest = self.text.get(self.at..).unwrap_or_default();
                    self.at += rest.iter().take_while(|byte| word(byte)).count();
                    return;
                }
                _ => self.at += 1,
            }
            if depth == 0 {
                return;
            }
        }
    }
}
