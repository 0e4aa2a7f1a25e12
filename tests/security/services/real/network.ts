/** Servers of names, directories, desktops and clocks, as Debian packages them. */

import { certify, HOST, OPENSSL, type RealServer, write } from "./kit.ts";

/** How each is started, and what is right to say of it. */
export const NETWORK: readonly RealServer[] = [
  ...(["tcp", "udp"] as const).map((transport): RealServer => ({
    name: `BIND over ${transport.toUpperCase()}`,
    transport,
    needs: [["named", "bind9"]],
    service: "dns",
    product: "BIND",
    version: [["named", "-v"], /BIND (\d+\.\d+\.\d+)/],
    async plan(folder, port) {
      await write(`${folder}/named`, [
        `options { directory "${folder}"; listen-on port ${port} { ${HOST}; }; listen-on-v6 { none; };`,
        `pid-file none; session-keyfile "${folder}/key"; recursion no; dnssec-validation no; };`,
        "controls {};",
      ]);
      return { program: "named", args: ["-g", "-n", "1", "-c", `${folder}/named`] };
    },
  })),
  {
    name: "dnsmasq",
    transport: "udp",
    needs: [["dnsmasq", "dnsmasq-base"]],
    service: "dns",
    product: "dnsmasq",
    version: [["dnsmasq", "--version"], /version (\S+)/i],
    plan: (_, port) => ({
      program: "dnsmasq",
      args: [
        "-k",
        "-C",
        "/dev/null",
        "-p",
        `${port}`,
        "-a",
        HOST,
        "-z",
        "-R",
        "-h",
        "--user=root",
        "--pid-file",
      ],
    }),
  },
  {
    name: "rsync",
    transport: "tcp",
    needs: [["rsync", "rsync"]],
    service: "rsync",
    product: "rsync",
    version: null,
    async plan(folder, port) {
      await write(`${folder}/rsyncd`, [`pid file = ${folder}/pid`, "use chroot = no"]);
      const flags = [
        "--daemon",
        "--no-detach",
        `--address=${HOST}`,
        `--port=${port}`,
        `--log-file=${folder}/log`,
      ];
      return { program: "rsync", args: [...flags, `--config=${folder}/rsyncd`] };
    },
  },
  {
    name: "Samba",
    transport: "tcp",
    needs: [["smbd", "samba"]],
    service: "smb",
    product: "Samba",
    version: null,
    async plan(folder, port) {
      const folders = [
        "private dir",
        "lock directory",
        "state directory",
        "cache directory",
        "pid directory",
        "ncalrpc dir",
      ];
      await write(`${folder}/smb.conf`, [
        "[global]",
        "interfaces = lo",
        "bind interfaces only = yes",
        "disable spoolss = yes",
        "netbios name = TESTS",
        `log file = ${folder}/log`,
        ...folders.map((name) => `${name} = ${folder}/${name.replace(" ", "-")}`),
      ]);
      for (const name of folders) {
        await Deno.mkdir(`${folder}/${name.replace(" ", "-")}`, { mode: 0o755 });
      }
      return {
        program: "smbd",
        args: [
          "-F",
          "--no-process-group",
          "-s",
          `${folder}/smb.conf`,
          "-p",
          `${port}`,
          "-l",
          folder,
        ],
      };
    },
  },
  {
    name: "OpenLDAP",
    transport: "tcp",
    needs: [["slapd", "slapd"], OPENSSL],
    service: "ldap",
    product: "OpenLDAP",
    version: null,
    tls: true,
    async plan(folder, port) {
      const { certificate, key } = await certify(folder);
      await write(`${folder}/slapd`, [
        "include /etc/ldap/schema/core.schema",
        `pidfile ${folder}/pid`,
        `TLSCertificateFile ${certificate}`,
        `TLSCertificateKeyFile ${key}`,
      ]);
      return {
        program: "slapd",
        args: ["-d", "0", "-h", `ldap://${HOST}:${port}`, "-f", `${folder}/slapd`],
      };
    },
  },
  {
    name: "Net-SNMP",
    transport: "udp",
    needs: [["snmpd", "snmpd"]],
    service: "snmp",
    product: "Net-SNMP",
    version: null,
    async plan(folder, port) {
      await write(`${folder}/snmpd`, ["rouser nobody noauth"]);
      const env = { SNMP_PERSISTENT_DIR: folder };
      return {
        program: "snmpd",
        args: [
          "-f",
          "-C",
          "-c",
          `${folder}/snmpd`,
          "-Lo",
          "-p",
          `${folder}/pid`,
          `udp:${HOST}:${port}`,
        ],
        env,
      };
    },
  },
  {
    name: "chrony",
    transport: "udp",
    needs: [["chronyd", "chrony"]],
    service: "ntp",
    product: "chrony",
    version: null,
    async plan(folder, port) {
      await write(`${folder}/chrony`, [
        `port ${port}`,
        `bindaddress ${HOST}`,
        `allow ${HOST}`,
        "local stratum 10",
        "cmdport 0",
        "bindcmdaddress /",
        `pidfile ${folder}/pid`,
      ]);
      return { program: "chronyd", args: ["-d", "-x", "-u", "root", "-f", `${folder}/chrony`] };
    },
  },
  {
    name: "xrdp",
    transport: "tcp",
    needs: [["xrdp", "xrdp"], OPENSSL],
    service: "rdp",
    product: "xrdp",
    version: null,
    tls: true,
    async plan(folder, port) {
      const { certificate, key } = await certify(folder);
      await write(`${folder}/xrdp.ini`, [
        "[Globals]",
        `port=tcp://${HOST}:${port}`,
        `certificate=${certificate}`,
        `key_file=${key}`,
        "security_layer=negotiate",
        "crypt_level=high",
        "[Logging]",
        `LogFile=${folder}/log`,
        "LogLevel=INFO",
        "EnableSyslog=false",
        "[Xvnc]",
        "name=none",
        "lib=libvnc.so",
      ]);
      return { program: "xrdp", args: ["--nodaemon", "--config", `${folder}/xrdp.ini`] };
    },
  },
  {
    name: "TigerVNC",
    transport: "tcp",
    needs: [["Xtigervnc", "tigervnc-standalone-server"]],
    service: "vnc",
    // A server of RFB 3.8 does not say whose it is.
    product: null,
    version: null,
    plan: (_, port) => ({
      program: "Xtigervnc",
      args: [
        `:${port}`,
        "-rfbport",
        `${port}`,
        "-interface",
        HOST,
        "-SecurityTypes",
        "None",
        "-nolisten",
        "tcp",
        "-nolisten",
        "local",
      ],
    }),
  },
  {
    name: "telnetd of inetutils",
    transport: "tcp",
    needs: [["telnetd", "inetutils-telnetd"], ["inetutils-inetd", "inetutils-inetd"]],
    service: "telnet",
    product: "BSD-derived telnetd",
    version: null,
    async plan(folder, port) {
      await write(`${folder}/inetd`, [
        `${HOST}:${port} stream tcp nowait root /usr/sbin/telnetd telnetd`,
      ]);
      return { program: "inetutils-inetd", args: ["-d", "-p", `${folder}/pid`, `${folder}/inetd`] };
    },
  },
];
