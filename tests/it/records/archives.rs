//! Archives and folders: read in one order, within limits, and never trusted.

use std::{
    io::{Cursor, Write as _},
    path::PathBuf,
};

use flate2::{Compression, write::GzEncoder};
use glossator::records::ReadSettings;
use zip::{ZipWriter, write::SimpleFileOptions};

use super::{Read, external};

fn record(number: usize) -> Vec<u8> {
    external("<dc:title>a</dc:title>").replace("cho/1", &format!("cho/{number}")).into_bytes()
}

fn zip(members: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in members {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn tar(members: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut tar = tar::Builder::new(Vec::new());
    for (name, bytes) in members {
        let mut header = tar::Header::new_gnu();
        // `set_path` refuses what we want to see refused by the reader.
        header.as_gnu_mut().unwrap().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_size(bytes.len() as u64);
        header.set_cksum();
        tar.append(&header, bytes.as_slice()).unwrap();
    }
    tar.into_inner().unwrap()
}

fn gz(bytes: &[u8]) -> Vec<u8> {
    let mut gz = GzEncoder::new(Vec::new(), Compression::best());
    gz.write_all(bytes).unwrap();
    gz.finish().unwrap()
}

fn sources(read: &Read) -> Vec<&str> {
    read.records.iter().map(|r| r.original.source.as_str()).collect()
}

#[test]
fn every_kind_of_archive_is_read_in_its_own_order() {
    let members =
        [("b/2.xml", record(2)), ("a/1.xml", record(1)), ("readme.md", b"Our records".to_vec()), ("__MACOSX/._1.xml", b"\0\0".to_vec())];
    for (name, bytes) in [
        ("all.zip", zip(&members)),
        ("all.tar", tar(&members)),
        ("all.tar.gz", gz(&tar(&members))),
        ("all.tgz", gz(&tar(&members))),
        ("without-ending", zip(&members)),
    ] {
        let read = Read::document(name, bytes);
        assert_eq!(sources(&read), [format!("{name}!b/2.xml"), format!("{name}!a/1.xml")]);
        assert_eq!((read.rejected.len(), read.skipped.len(), read.summary.passed_over), (0, 1, 1), "{read:?}");
    }
    assert_eq!(sources(&Read::document("one.xml.gz", gz(&record(1)))), ["one.xml"]);
    let nested = zip(&[("inner.zip", zip(&[("deep.xml.gz", gz(&record(1)))]))]);
    assert_eq!(sources(&Read::document("outer.zip", nested)), ["outer.zip!inner.zip!deep.xml"]);
}

#[test]
fn names_that_lead_elsewhere_are_refused_with_their_bytes() {
    let names = ["../../evil.xml", "/abs.xml", "a/../../b.xml", "C:\\x.xml", "a\\b.xml", "D:x.xml"];
    let members: Vec<_> = names.iter().map(|n| (*n, record(1))).chain([("Good.xml", record(2)), ("good.xml", record(3))]).collect();
    for (name, bytes) in [("a.zip", zip(&members)), ("a.tar", tar(&members))] {
        let read = Read::document(name, bytes);
        assert_eq!((read.records.len(), read.rejected.len()), (2, names.len()), "{name}: {:?}", read.rejected);
        assert!(read.rejected.iter().all(|r| r.bytes == record(1) && r.reason.starts_with("its name in the archive")));
    }
}

#[test]
fn links_are_not_followed() {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    writer.add_symlink("link.xml", "/etc/passwd", SimpleFileOptions::default()).unwrap();
    let read = Read::document("a.zip", writer.finish().unwrap().into_inner());
    assert_eq!((read.skipped.len(), read.rejected.len()), (1, 0));
    let mut writer = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(tar::EntryType::Symlink);
    header.set_size(0);
    writer.append_link(&mut header, "link.xml", "/etc/passwd").unwrap();
    let read = Read::document("a.tar", writer.into_inner().unwrap());
    assert_eq!((read.skipped.len(), read.rejected.len()), (1, 0));
}

#[test]
fn a_bomb_is_stopped_before_it_bursts() {
    let zeros = vec![0_u8; 60 << 20];
    let bomb = zip(&[("1.xml", record(1)), ("a.xml", zeros.clone()), ("b.xml", zeros.clone()), ("2.xml", record(2))]);
    let read = Read::document("bomb.zip", bomb);
    assert_eq!(read.records.len(), 1, "{:?}", read.rejected);
    assert!(read.rejected.last().unwrap().reason.contains("more than 200 times its size"), "{:?}", read.rejected);
    let read = Read::document("bomb.xml.gz", gz(&zeros));
    assert!(read.refusal().1.contains("200 times"));
    let read = Read::document("bomb.tar.gz", gz(&tar(&[("1.xml", record(1)), ("a.xml", zeros)])));
    assert_eq!(read.records.len(), 1);
    assert!(read.rejected.last().unwrap().reason.contains("200 times"), "{:?}", read.rejected);
}

#[test]
fn totals_and_members_are_limited() {
    let names: Vec<String> = (0..20).map(|n| format!("{n:02}.xml")).collect();
    let members: Vec<_> = names.iter().enumerate().map(|(n, name)| (name.as_str(), record(n))).collect();
    let few = ReadSettings { max_entries: 5, ..ReadSettings::default() };
    let small = ReadSettings { max_archive_bytes: 3000, ..ReadSettings::default() };
    for bytes in [zip(&members), tar(&members), gz(&tar(&members))] {
        let read = Read::with("a", &bytes, &few);
        assert!(read.records.len() <= 6 && read.rejected.iter().any(|r| r.reason.contains("more than 5 members")), "{:?}", read.rejected);
    }
    for bytes in [zip(&members), gz(&tar(&members))] {
        let read = Read::with("a", &bytes, &small);
        assert!(read.records.len() <= 5 && read.rejected.iter().any(|r| r.reason.contains("more than 3000 bytes")), "{:?}", read.rejected);
    }
}

#[test]
fn a_broken_archive_gives_its_good_members_first() {
    let members = [("1.xml", record(1)), ("2.xml", record(2)), ("3.xml", record(3))];
    let whole = zip(&members);
    let read = Read::document("cut.zip", &whole[..whole.len() * 7 / 10]);
    assert_eq!(sources(&read), ["cut.zip!1.xml", "cut.zip!2.xml"]);
    assert_eq!(read.rejected.last().unwrap().source, "cut.zip");
    let whole = tar(&members);
    let read = Read::document("cut.tar", &whole[..2000 + 512 + 100]);
    assert!(!read.records.is_empty() && !read.rejected.is_empty(), "{read:?}");
    let whole = gz(&tar(&members));
    let read = Read::document("cut.tgz", &whole[..whole.len() - 200]);
    assert!(!read.rejected.is_empty());
    let mut spoilt = zip(&members);
    let at = spoilt.windows(4).position(|w| w == b"PK\x03\x04").unwrap() + 60;
    spoilt[at] ^= 0xff;
    let read = Read::document("spoilt.zip", spoilt);
    assert_eq!((read.records.len(), read.rejected.len()), (2, 1), "{:?}", read.rejected);
}

#[test]
fn archives_do_not_nest_for_ever() {
    let mut bytes = record(1);
    for _ in 0..6 {
        bytes = zip(&[("a", bytes)]);
    }
    assert!(Read::document("a.zip", bytes).refusal().1.contains("deep inside one another"));
}

#[test]
fn folders_are_walked_in_order_and_named_from_what_was_asked() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("delivery");
    std::fs::create_dir_all(root.join("b")).unwrap();
    std::fs::write(root.join("b/2.xml"), record(2)).unwrap();
    std::fs::write(root.join("a.zip"), zip(&[("1.xml", record(1))])).unwrap();
    std::fs::write(root.join("c.ttl"), "broken").unwrap();
    std::fs::write(root.join(".hidden.xml"), record(9)).unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink("/etc/passwd", root.join("d.xml")).unwrap();
    let read = Read::paths(std::slice::from_ref(&root));
    assert_eq!(sources(&read), ["delivery/a.zip!1.xml", "delivery/b/2.xml"]);
    assert_eq!((read.rejected[0].source.as_str(), read.rejected.len()), ("delivery/c.ttl", 1));
    assert_eq!(read.skipped.len(), usize::from(cfg!(unix)));
    let read = Read::paths(&[root.join("b/2.xml")]);
    assert_eq!(sources(&read), ["2.xml"]);
    let missing = glossator::records::read_paths(&[PathBuf::from("/no/such/place")], &ReadSettings::default(), &mut |_| {
        std::ops::ControlFlow::Continue(())
    });
    assert!(missing.unwrap_err().to_string().contains("/no/such/place"));
}
