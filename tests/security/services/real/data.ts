/** SSH, web servers, databases and queues, as Debian packages them. */

import { unusedPort } from "../../../support/servers.ts";
import { certify, HOST, OPENSSL, type RealServer, run, writable, write } from "./kit.ts";

/** How each is started, and what is right to say of it. */
export const DATA: readonly RealServer[] = [
  {
    name: "OpenSSH",
    transport: "tcp",
    needs: [["sshd", "openssh-server"], ["ssh-keygen", "openssh-client"]],
    service: "ssh",
    product: "OpenSSH",
    version: [["ssh", "-V"], /OpenSSH_(\S+)/],
    async plan(folder, port) {
      await run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", `${folder}/key`]);
      await Deno.mkdir("/run/sshd", { recursive: true });
      await write(`${folder}/sshd`, [
        `ListenAddress ${HOST}:${port}`,
        `HostKey ${folder}/key`,
        "PidFile none",
        "UsePAM no",
      ]);
      return { program: "/usr/sbin/sshd", args: ["-D", "-e", "-f", `${folder}/sshd`] };
    },
  },
  ...["http", "https"].map((service): RealServer => ({
    name: service === "http" ? "nginx" : "nginx with TLS",
    transport: "tcp",
    needs: [["nginx", "nginx-light"], OPENSSL],
    service,
    product: "nginx",
    version: [["nginx", "-v"], /nginx\/(\S+)/],
    ...(service === "https" ? { tls: true } : {}),
    async plan(folder, port) {
      const { certificate, key } = await certify(folder);
      const ssl = service === "https"
        ? `ssl http2; ssl_certificate ${certificate}; ssl_certificate_key ${key}`
        : "";
      const temp = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((one) =>
        `${one}_temp_path ${folder}/${one};`
      );
      await write(`${folder}/nginx`, [
        `daemon off; master_process off; pid ${folder}/pid; error_log stderr; events {}`,
        `http { access_log off; ${temp.join(" ")} server { listen ${HOST}:${port} ${ssl}; } }`,
      ]);
      return { program: "nginx", args: ["-c", `${folder}/nginx`, "-p", folder, "-e", "stderr"] };
    },
  })),
  {
    name: "Redis",
    transport: "tcp",
    needs: [["redis-server", "redis-server"]],
    service: "redis",
    product: "Redis",
    version: [["redis-server", "--version"], /v=(\S+)/],
    plan: (folder, port) => ({
      program: "redis-server",
      args: ["--port", `${port}`, "--bind", HOST, "--save", "", "--dir", folder],
    }),
  },
  {
    name: "PostgreSQL",
    transport: "tcp",
    needs: [
      ["postgres", "postgresql"],
      ["initdb", "postgresql"],
      ["runuser", "util-linux"],
      OPENSSL,
    ],
    service: "postgresql",
    product: "PostgreSQL",
    version: null,
    tls: true,
    async plan(folder, port) {
      const data = await writable(folder, "data");
      await Deno.chmod(folder, 0o755);
      await run("chown", ["postgres", data]);
      const as = ["-u", "postgres", "--"];
      await run("runuser", [...as, "initdb", "-D", data, "-N", "-A", "trust"]);
      const { certificate, key } = await certify(folder);
      await run("chown", ["postgres", certificate, key]);
      await Deno.chmod(key, 0o600);
      const settings = {
        listen_addresses: HOST,
        unix_socket_directories: "",
        ssl: "on",
        ssl_cert_file: certificate,
        ssl_key_file: key,
      };
      const flags = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
      return {
        program: "runuser",
        args: [...as, "postgres", "-D", data, "-p", `${port}`, ...flags],
      };
    },
  },
  {
    name: "MariaDB",
    transport: "tcp",
    needs: [["mariadbd", "mariadb-server"], ["mariadb-install-db", "mariadb-server"]],
    service: "mysql",
    product: "MariaDB",
    version: [["mariadbd", "--version"], /Ver ([\d.]+)/],
    async plan(folder, port) {
      const data = `${folder}/data`;
      const common = ["--no-defaults", `--datadir=${data}`, "--user=root"];
      await run("mariadb-install-db", [
        ...common,
        "--auth-root-authentication-method=normal",
        "--skip-test-db",
      ]);
      return {
        program: "mariadbd",
        args: [
          ...common,
          `--port=${port}`,
          `--bind-address=${HOST}`,
          `--socket=${folder}/socket`,
          "--skip-log-bin",
        ],
      };
    },
  },
  {
    name: "memcached",
    transport: "tcp",
    needs: [["memcached", "memcached"]],
    service: "memcached",
    product: "memcached",
    version: [["memcached", "-V"], /memcached (\S+)/],
    plan: (_, port) => ({
      program: "memcached",
      args: ["-l", HOST, "-p", `${port}`, "-U", "0", "-u", "root", "-m", "16"],
    }),
  },
  {
    name: "Mosquitto",
    transport: "tcp",
    needs: [["mosquitto", "mosquitto"]],
    service: "mqtt",
    product: "Mosquitto",
    version: [["dpkg-query", "-W", "mosquitto"], /\s(\d[\d.]*)/],
    async plan(folder, port) {
      await write(`${folder}/mosquitto`, [
        `listener ${port} ${HOST}`,
        "allow_anonymous true",
        "user root",
      ]);
      return { program: "mosquitto", args: ["-c", `${folder}/mosquitto`] };
    },
  },
  {
    name: "RabbitMQ",
    transport: "tcp",
    needs: [["rabbitmq-server", "rabbitmq-server"], ["epmd", "erlang-base"]],
    service: "amqp",
    product: "RabbitMQ",
    version: [["dpkg-query", "-W", "rabbitmq-server"], /\s(\d+\.\d+\.\d+)/],
    async plan(folder, port) {
      const [names, between] = [unusedPort(), unusedPort()];
      await write(`${folder}/rabbitmq.conf`, [`listeners.tcp.1 = ${HOST}:${port}`]);
      // Its name server ends with it.
      const both =
        'trap "trap : TERM; wait" TERM; epmd & /usr/lib/rabbitmq/bin/rabbitmq-server & wait';
      return {
        program: "sh",
        args: ["-c", both],
        env: {
          HOME: folder,
          ERL_EPMD_PORT: `${names}`,
          ERL_EPMD_ADDRESS: HOST,
          RABBITMQ_NODENAME: `agent${port}@localhost`,
          RABBITMQ_DIST_PORT: `${between}`,
          RABBITMQ_BASE: folder,
          RABBITMQ_MNESIA_BASE: `${folder}/data`,
          RABBITMQ_LOG_BASE: folder,
          RABBITMQ_PID_FILE: `${folder}/pid`,
          RABBITMQ_CONFIG_FILE: `${folder}/rabbitmq`,
          RABBITMQ_ENABLED_PLUGINS_FILE: `${folder}/plugins`,
          RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: `-kernel inet_dist_use_interface {127,0,0,1}`,
        },
      };
    },
  },
  {
    name: "NATS",
    transport: "tcp",
    needs: [["nats-server", "nats-server"]],
    service: "nats",
    product: "nats-server",
    version: [["nats-server", "--version"], /v(\d\S*)/],
    plan: (_, port) => ({ program: "nats-server", args: ["-a", HOST, "-p", `${port}`] }),
  },
];
