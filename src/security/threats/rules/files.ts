/**
 * Rules about files that decide who may do what.
 *
 * @module
 */

import type { Facts } from "../facts.ts";
import {
  type FileFacts,
  type FileQuestions,
  GROUP_WRITABLE,
  octal,
  SET_GID,
  SET_UID,
  STICKY,
  WORLD_WRITABLE,
} from "../files.ts";
import type { Found, Rule } from "../rule.ts";

/** Folders where set-uid programs are looked for: everybody may write there. */
const WRITABLE = ["/tmp", "/var/tmp", "/dev/shm", "/run/shm"];
const DEEP = 3;
/** Files that are run at times or at a login, and folders full of such. */
const STARTED = [
  "/etc/crontab",
  "/etc/anacrontab",
  "/etc/cron.d",
  "/etc/cron.hourly",
  "/etc/cron.daily",
  "/etc/cron.weekly",
  "/etc/cron.monthly",
  "/var/spool/cron",
  "/var/spool/cron/crontabs",
  "/etc/systemd/system",
  "/usr/lib/systemd/system",
  "/usr/local/lib/systemd/system",
  "/etc/init.d",
  "/etc/rc.local",
  "/etc/profile",
  "/etc/profile.d",
  "/etc/bash.bashrc",
  "/etc/environment",
  "/etc/ld.so.conf",
  "/etc/ld.so.conf.d",
  "/etc/sudoers",
  "/etc/sudoers.d",
  "/etc/pam.d",
  "/etc/passwd",
  "/etc/shadow",
  "/etc/group",
];
const SOCKETS = [
  "/var/run/docker.sock",
  "/run/docker.sock",
  "/run/podman/podman.sock",
  "/run/containerd/containerd.sock",
  "/run/crio/crio.sock",
];

function of({ path, mode, uid }: FileFacts, { users }: Facts): Found {
  return { evidence: { path, mode: octal(mode), owner: users.get(uid) ?? uid } };
}

/** Home folders, with the number of whose they are. */
function homes({ files }: Facts): { home: string; uid: number }[] {
  const text = files.text("/etc/passwd") ?? "";
  return text.split("\n").flatMap((line) => {
    const [, , uid = "", , , home = ""] = line.split(":");
    return home.startsWith("/") && home !== "/" && /^[0-9]+$/.test(uid)
      ? [{ home: home.replace(/\/+$/, ""), uid: Number(uid) }]
      : [];
  });
}

/** Files that run as somebody else, in a folder and some below it. */
function privileged(files: FileQuestions, folder: string, depth: number): FileFacts[] {
  return files.list(folder).flatMap((path) => {
    const facts = files.facts(path);
    if (facts === undefined) return [];
    if (facts.isFolder) return depth > 0 ? privileged(files, path, depth - 1) : [];
    return facts.isFile && (facts.mode & (SET_UID | SET_GID)) !== 0 && (facts.mode & 0o111) !== 0
      ? [facts]
      : [];
  });
}

/** The rules. */
export const fileRules: readonly Rule[] = [
  {
    id: "preload-file",
    title: "/etc/ld.so.preload names a library for all programs",
    severity: "high",
    attack: "T1574.006",
    about: "What it names is loaded into every program that starts: rootkits hide that way.",
    falseAlarms: "A few appliances and sensors use it on purpose.",
    advice:
      "Look which package the library belongs to; if to none, treat the machine as taken over.",
    find: ({ files }) => {
      const lines = (files.text("/etc/ld.so.preload") ?? "").split("\n")
        .map((line) => line.replace(/#.*/, "").trim()).filter((line) => line !== "");
      return lines.length === 0
        ? []
        : [{ evidence: { path: "/etc/ld.so.preload", libraries: lines.length, first: lines[0]! } }];
    },
  },
  {
    id: "set-uid-in-writable-folder",
    title: "A program that runs as its owner lies where everybody may write",
    severity: "high",
    attack: "T1548.001",
    about:
      "A set-uid program in a folder for temporary files is a back door to its owner's rights.",
    falseAlarms: "Unpacked root file systems (images, chroots) keep such permissions.",
    advice: "chmod u-s,g-s it, and find out who put it there; mount the folder with nosuid.",
    find: (facts) =>
      [
        ...WRITABLE,
        ...homes(facts).filter(({ home, uid }) => uid >= 1000 && home).map(({ home }) => home),
      ]
        .flatMap((folder) => privileged(facts.files, folder, DEEP))
        .map((file) => of(file, facts)),
  },
  {
    id: "start-file-writable",
    title: "Anybody may change what is run at times, at a start or at a login",
    severity: "critical",
    attack: "T1053.003",
    about:
      "Who writes into cron, systemd, profiles, sudoers or the list of users becomes whom they run as.",
    falseAlarms: "None.",
    advice: "chmod o-w it, and look what stands in it.",
    find: (facts) => {
      const { files } = facts;
      const paths = STARTED.flatMap((path) => [path, ...files.list(path)]);
      return [...new Set(paths)].flatMap((path) => {
        const found = files.facts(path);
        if (found === undefined || found.isLink || (found.mode & WORLD_WRITABLE) === 0) return [];
        // /var/spool folders have the sticky bit: others' files are safe there.
        return found.isFolder && (found.mode & STICKY) !== 0 ? [] : [of(found, facts)];
      });
    },
  },
  {
    id: "login-keys-writable",
    title: "Others may change the keys that log a user in",
    severity: "high",
    attack: "T1098.004",
    about: "Who adds a key to authorized_keys logs in as that user, for good.",
    falseAlarms: "sshd refuses such files itself, unless StrictModes is off.",
    advice: "chmod go-w the file and the folders above it, and read the keys.",
    find: (facts) =>
      homes(facts).flatMap(({ home, uid }) =>
        ["", "/.ssh", "/.ssh/authorized_keys", "/.ssh/authorized_keys2"].flatMap((name) => {
          if (facts.files.facts(`${home}/.ssh/authorized_keys`) === undefined) return [];
          const found = facts.files.facts(`${home}${name}`);
          if (found === undefined || found.isLink) return [];
          const isOthers = found.uid !== uid && found.uid !== 0;
          const isWritable = (found.mode & (WORLD_WRITABLE | GROUP_WRITABLE)) !== 0;
          return isOthers || isWritable ? [of(found, facts)] : [];
        })
      ),
  },
  {
    id: "container-socket-open",
    title: "Everybody may command a container engine",
    severity: "critical",
    attack: "T1611",
    about:
      "Who may write to the engine's socket starts containers with all of this machine's files.",
    falseAlarms: "None.",
    advice: "chmod o-rw the socket; give those who need it the group, or a rootless engine.",
    find: (facts) =>
      SOCKETS.flatMap((path) => {
        const found = facts.files.facts(path);
        return found !== undefined && !found.isLink && (found.mode & WORLD_WRITABLE) !== 0
          ? [of(found, facts)]
          : [];
      }),
  },
  {
    id: "passwords-readable",
    title: "Everybody may read the passwords' hashes",
    severity: "high",
    attack: "T1003.008",
    about: "Hashes that can be read are guessed at leisure.",
    falseAlarms: "None.",
    advice: "chmod o-r the file, and have the passwords changed.",
    find: (facts) =>
      ["/etc/shadow", "/etc/shadow-", "/etc/gshadow", "/etc/gshadow-"].flatMap((path) => {
        const found = facts.files.facts(path);
        return found !== undefined && found.isFile && (found.mode & 0o004) !== 0
          ? [of(found, facts)]
          : [];
      }),
  },
  {
    id: "second-superuser",
    title: "Another user than root has the superuser's number",
    severity: "high",
    attack: "T1136.001",
    about: "A user with number 0 is the superuser under another name.",
    falseAlarms: "toor of the BSDs, and rescue accounts that somebody made on purpose.",
    advice: "Remove the user, or give it a number of its own.",
    find: ({ files }) =>
      (files.text("/etc/passwd") ?? "").split("\n").flatMap((line) => {
        const [name = "", , uid = ""] = line.split(":");
        return /^0+$/.test(uid) && name !== "root" && name !== ""
          ? [{ evidence: { user: name } }]
          : [];
      }),
  },
  {
    id: "regular-file-in-dev",
    title: "A file among the devices",
    severity: "medium",
    attack: "T1564",
    about: "Nobody looks for files in /dev, which is why they are hidden there.",
    falseAlarms: "Old boot systems keep a few; /dev/shm is for files and is left out.",
    advice: "Look what it is and who wrote it.",
    find: (facts) =>
      facts.files.list("/dev").flatMap((path) => {
        const found = facts.files.facts(path);
        return found !== undefined && found.isFile && !/^\/dev\/\.(udev|mount|initramfs)/.test(path)
          ? [of(found, facts)]
          : [];
      }),
  },
];
