use super::*;

/// The number of FUSE was that of the file system in which FUSE is administered, so that a store on `sshfs` or a mounted bucket counted as
/// one on a local disk.
#[cfg(target_os = "linux")]
#[test]
fn network_file_systems_have_the_numbers_of_the_kernel() {
    // Names and numbers as `statfs(2)` lists them (<https://man7.org/linux/man-pages/man2/statfs.2.html>); the last two stand in the kernel's
    // sources alone.
    for (magic, name) in [
        ("AFS_SUPER_MAGIC 0x5346414f", "AFS"),
        ("CIFS_MAGIC_NUMBER 0xff534d42", "CIFS"),
        ("FUSE_SUPER_MAGIC 0x65735546", "FUSE"),
        ("NFS_SUPER_MAGIC 0x6969", "NFS"),
        ("OCFS2_SUPER_MAGIC 0x7461636f", "OCFS2"),
        ("SMB_SUPER_MAGIC 0x517b", "SMB"),
        ("SMB2_MAGIC_NUMBER 0xfe534d42", "SMB2"),
        ("V9FS_MAGIC 0x01021997", "9P"),
        ("AFS_FS_MAGIC 0x6B414653", "AFS"),
        ("CEPH_SUPER_MAGIC 0x00c36400", "Ceph"),
        ("LUSTRE_SUPER_MAGIC 0x0BD00BD0", "Lustre"),
        ("GPFS_SUPER_MAGIC 0x47504653", "GPFS"),
    ] {
        let number = magic.rsplit_once("0x").map(|(_, digits)| u32::from_str_radix(digits, 16).unwrap());
        let known = NETWORKS.iter().find(|(known, _)| Some(*known) == number);
        assert_eq!(known.map(|(_, known)| *known), Some(name), "{magic}");
    }
    let fusectl = 0x6573_5543;
    assert!(NETWORKS.iter().all(|(number, _)| *number != fusectl), "nothing is stored there");
}

#[cfg(unix)]
#[test]
fn links_above_a_file_are_resolved_and_the_file_itself_is_left() {
    let dir = tempfile::tempdir().unwrap();
    let base = dir.path().canonicalize().unwrap();
    std::fs::create_dir(base.join("real")).unwrap();
    std::os::unix::fs::symlink(base.join("real"), base.join("link")).unwrap();
    std::os::unix::fs::symlink("elsewhere", base.join("real/file")).unwrap();
    assert_eq!(resolved(&base.join("link/file")), base.join("real/file"));
    assert_eq!(resolved(&base.join("missing/file")), base.join("missing/file"));
    assert_eq!(resolved(Path::new("file")), Path::new("file"));
}
