/** Servers of mail and files, as Debian packages them. */

import { certify, HOST, OPENSSL, type RealServer, run, writable, write } from "./kit.ts";

/** How each is started, and what is right to say of it. */
export const MAIL: readonly RealServer[] = [
  {
    name: "vsftpd",
    transport: "tcp",
    needs: [["vsftpd", "vsftpd"]],
    service: "ftp",
    product: "vsftpd",
    version: [["dpkg-query", "-W", "vsftpd"], /\s(\d[\d.]*)/],
    async plan(folder, port) {
      const empty = `${folder}/empty`;
      await Deno.mkdir(empty);
      await write(`${folder}/vsftpd`, [
        "listen=YES",
        "background=NO",
        `listen_address=${HOST}`,
        `listen_port=${port}`,
        `secure_chroot_dir=${empty}`,
        "seccomp_sandbox=NO",
      ]);
      return { program: "vsftpd", args: [`${folder}/vsftpd`] };
    },
  },
  {
    name: "Exim",
    transport: "tcp",
    needs: [["exim4", "exim4-daemon-light"], OPENSSL],
    service: "smtp",
    product: "Exim",
    version: [["exim4", "-bV"], /Exim version (\S+)/],
    tls: true,
    async plan(folder, port) {
      await Deno.chmod(folder, 0o755);
      const spool = await writable(folder, "spool");
      const { certificate, key } = await certify(folder);
      await write(`${folder}/exim`, [
        "primary_hostname = localhost",
        `spool_directory = ${spool}`,
        `log_file_path = ${spool}/%slog`,
        `pid_file_path = ${spool}/pid`,
        `local_interfaces = <; ${HOST}.${port}`,
        "host_lookup =",
        "tls_advertise_hosts = *",
        `tls_certificate = ${certificate}`,
        `tls_privatekey = ${key}`,
        "exim_user = Debian-exim",
      ]);
      await run("chown", ["-R", "Debian-exim", spool]);
      await Deno.chmod(spool, 0o755);
      return { program: "exim4", args: ["-bdf", "-C", `${folder}/exim`] };
    },
  },
  ...["imap", "pop3", "imaps"].map((service): RealServer => ({
    name: `Dovecot ${service.toUpperCase()}`,
    transport: "tcp",
    needs: [["dovecot", "dovecot-imapd dovecot-pop3d"], OPENSSL],
    service,
    product: "Dovecot",
    version: null,
    tls: true,
    async plan(folder, port) {
      await Deno.chmod(folder, 0o755);
      const { certificate, key } = await certify(folder);
      const protocol = service.slice(0, 4);
      const none = protocol === "imap" ? ["imaps"] : ["pop3s"];
      const off = (name: string): string => `inet_listener ${name} {\n port = 0\n }`;
      const on = `inet_listener ${service} {\n port = ${port}\n ${
        service === "imaps" ? "ssl = yes" : ""
      }\n }`;
      const others = service === "imaps" ? [off("imap")] : none.map(off);
      await write(`${folder}/dovecot`, [
        `base_dir = ${folder}/run`,
        `state_dir = ${folder}/state`,
        `protocols = ${protocol}`,
        `listen = ${HOST}`,
        `log_path = ${folder}/log`,
        "ssl = yes",
        `ssl_cert = <${certificate}`,
        `ssl_key = <${key}`,
        `service ${protocol}-login {\n ${[on, ...others].join("\n")}\n chroot =\n}`,
        "passdb {\n driver = static\n args = nopassword=y\n}",
        "userdb {\n driver = static\n args = uid=65534 gid=65534 home=/nonexistent\n}",
        "service anvil {\n chroot =\n}",
        "service stats {\n chroot =\n}",
      ]);
      return { program: "dovecot", args: ["-F", "-c", `${folder}/dovecot`] };
    },
  })),
];
