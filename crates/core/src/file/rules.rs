//! Names and types of files: pure.

use unicode_normalization::UnicodeNormalization as _;

/// Characters of a name at the most.
const LONGEST: usize = 200;

/// Characters of an ending, such as `.csv`, that a long name keeps at the most.
const ENDING: usize = 20;

/// The name of a file that has none.
const NAMELESS: &str = "file";

/// Types of images in which nothing can run, so that browsers may show them.
const SAFE_IMAGES: [&str; 4] = ["image/gif", "image/jpeg", "image/png", "image/webp"];

/// What a name says without folders, control characters and those that hide how it reads: NFC, 200 characters at the most.
pub fn clean_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let seen: String =
        last.chars().filter(|character| !character.is_control() && !hides(*character)).nfc().collect();
    let trimmed = seen.trim();
    let name = trimmed.trim_end_matches(['.', ' ']);
    if name.is_empty() { NAMELESS.to_owned() } else { shortened(name) }
}

/// Changes how what stands around it is read, such as `exe.gpj` for `gpj.exe`.
fn hides(character: char) -> bool {
    matches!(character, '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
}

fn shortened(name: &str) -> String {
    let length = name.chars().count();
    if length <= LONGEST {
        return name.to_owned();
    }
    let ending = name.rfind('.').map_or("", |at| &name[at..]);
    let kept = if ending.chars().count() <= ENDING { ending } else { "" };
    let stem = name.chars().take(LONGEST - kept.chars().count());
    stem.chain(kept.chars()).collect()
}

/// What the first bytes of a file say it is. Neither its name nor whoever sends it is believed.
pub fn media_type(head: &[u8]) -> String {
    let known = infer::get(head).map(|known| known.mime_type());
    known.unwrap_or(if is_text(head) { "text/plain" } else { "application/octet-stream" }).to_owned()
}

/// Whether bytes are text, in whatever encoding: as browsers decide it (WHATWG, MIME Sniffing, 7.2), but that nothing is
/// none.
fn is_text(head: &[u8]) -> bool {
    let marked = [&b"\xFE\xFF"[..], b"\xFF\xFE", b"\xEF\xBB\xBF"].iter().any(|mark| head.starts_with(mark));
    let binary = |byte: &u8| matches!(byte, 0..=8 | 0x0B | 0x0E..=0x1A | 0x1C..=0x1F);
    marked || (!head.is_empty() && !head.iter().any(binary))
}

/// Whether a browser may show a file of this type instead of storing it.
pub fn is_safe_image(media_type: &str) -> bool {
    SAFE_IMAGES.contains(&media_type)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_cleaned() {
        for (name, clean) in [
            ("contacts.csv", "contacts.csv"),
            ("客户 名单.csv", "客户 名单.csv"),
            ("C:\\Users\\me\\contacts.csv", "contacts.csv"),
            ("../../etc/passwd", "passwd"),
            ("folder/", "file"),
            ("", "file"),
            (".", "file"),
            ("..", "file"),
            (" . ", "file"),
            ("a\u{0}b\r\nc.csv", "abc.csv"),
            ("report\u{202E}fdp.exe", "reportfdp.exe"),
            ("cafe\u{301}.txt", "caf\u{e9}.txt"),
            ("  spaced .txt. ", "spaced .txt"),
            (".gitignore", ".gitignore"),
        ] {
            assert_eq!(clean_name(name), clean, "{name:?}");
        }
        let long = clean_name(&format!("{}.xlsx", "长".repeat(300)));
        assert_eq!((long.chars().count(), long.ends_with("长.xlsx")), (200, true));
        assert_eq!(clean_name(&"a.".repeat(300)).chars().count(), 200);
    }

    #[test]
    fn types_come_from_the_bytes() {
        for (head, media_type_of_it) in [
            (&b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"[..], "image/png"),
            (b"\xff\xd8\xff\xe0\0\x10JFIF", "image/jpeg"),
            (b"%PDF-1.7\n", "application/pdf"),
            (b"<!DOCTYPE html><script>alert(1)</script>", "text/html"),
            (b"name,email\nAnna,anna@example.com\n", "text/plain"),
            ("姓名,电话\n".as_bytes(), "text/plain"),
            (b"\xd0\xd5\xc3\xfb,GB18030\n", "text/plain"),
            (b"\xff\xfen\0a\0m\0e\0", "text/plain"),
            (b"", "application/octet-stream"),
            (b"\0\x01\x02", "application/octet-stream"),
        ] {
            assert_eq!(media_type(head), media_type_of_it, "{head:?}");
        }
        assert!(is_safe_image("image/png") && !is_safe_image("image/svg+xml") && !is_safe_image("text/html"));
    }
}
