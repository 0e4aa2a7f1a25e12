/** The real program in a real terminal: tmux draws what it writes, and says what a person would see. */

import assert from "assertions";
import { programMissing, testNeeding } from "../support/needs.ts";
import { DENO, denoDirectory, ROOT, start } from "../support/programs.ts";
import { twins } from "../support/twins.ts";
import { until } from "../support/values.ts";

const needs = [
  Deno.build.os === "linux" ? undefined : "only Linux has /proc",
  programMissing("tmux", "tmux"),
  twins("monitor").native.missing,
];

/** A terminal with the program in it. */
class Terminal implements AsyncDisposable {
  readonly #folder = Deno.makeTempDirSync({ prefix: "agent-top-" });
  readonly #socket = `${this.#folder}/tmux`;

  /** Opens one of so many cells, in which a shell starts the program and says its exit code. */
  static async open(columns: number, rows: number, words = "", env = ""): Promise<Terminal> {
    const terminal = new Terminal();
    // The launcher becomes the program, so that the number of its shell is that of the program.
    const inner =
      `echo $$ > ${terminal.#folder}/pid; exec sh "${ROOT}scripts/agent" top --interval 0.2 ${words}`;
    const command = `stty -g > ${terminal.#folder}/before; ${env} sh -c '${inner}'; ` +
      `echo "ended with $?"; stty -g > ${terminal.#folder}/after; exec sleep 600`;
    await terminal.#tmux(
      ...["-f", "/dev/null", "new-session", "-d", "-s", "top"],
      ...["-x", `${columns}`, "-y", `${rows}`, command],
    );
    return terminal;
  }

  /** What is on the screen, a line each. */
  async lines(): Promise<string[]> {
    return (await this.#tmux("capture-pane", "-p", "-t", "top")).replace(/\n$/, "").split("\n");
  }

  /** The same with its colours. */
  async coloured(): Promise<string> {
    return await this.#tmux("capture-pane", "-e", "-p", "-t", "top");
  }

  /** Waits until something is on the screen. */
  async see(pattern: RegExp): Promise<string[]> {
    let lines: string[] = [];
    // A busy machine starts programs slowly.
    for (let tries = 0; tries < 12; tries++) {
      try {
        await until(async () => pattern.test((lines = await this.lines()).join("\n")));
        return lines;
      } catch {
        // Not yet.
      }
    }
    throw new Error(`${pattern} never was on the screen:\n${lines.join("\n")}`);
  }

  async press(...keys: string[]): Promise<void> {
    for (const key of keys) await this.#tmux("send-keys", "-t", "top", key);
  }

  async resize(columns: number, rows: number): Promise<void> {
    await this.#tmux("resize-window", "-t", "top", "-x", `${columns}`, "-y", `${rows}`);
  }

  /** What tmux knows of the terminal: whether the other screen is shown, whether there is a cursor. */
  async flags(): Promise<{ isOther: boolean; hasCursor: boolean }> {
    const text = await this.#tmux(
      ...["display-message", "-p", "-t", "top", "#{alternate_on} #{cursor_flag}"],
    );
    return { isOther: text.startsWith("1"), hasCursor: text.trim().endsWith("1") };
  }

  /** Sends a signal to the program, not to the shell around it. */
  async signal(name: Deno.Signal): Promise<void> {
    Deno.kill(await this.pid(), name);
  }

  /** The number of the program. */
  async pid(): Promise<number> {
    return Number(await Deno.readTextFile(`${this.#folder}/pid`));
  }

  /** Sets the terminal as a shell does that has it while the program is stopped. */
  async tamper(): Promise<void> {
    await this.#stty("sane");
  }

  /** Whether keys come as they are pressed, without the end of a line. */
  async isRaw(): Promise<boolean> {
    return (await this.#stty("-a")).includes("-icanon");
  }

  /** Whether the line settings of the terminal are what they were before. */
  async isRestored(): Promise<boolean> {
    const read = (name: string): Promise<string> => Deno.readTextFile(`${this.#folder}/${name}`);
    return await read("before") === await read("after");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#tmux("kill-server").catch(() => undefined);
    await Deno.remove(this.#folder, { recursive: true });
  }

  /** Asks or sets what the line settings are. */
  async #stty(word: string): Promise<string> {
    const tty = (await this.#tmux("display-message", "-p", "-t", "top", "#{pane_tty}")).trim();
    const env = { PATH: "/usr/bin:/bin" };
    const { code, stdout, stderr } = await start("stty", ["-F", tty, word], { env });
    assert.equal(code, 0, stderr);
    return stdout;
  }

  async #tmux(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await start("tmux", ["-u", "-S", this.#socket, ...args], {
      env: {
        PATH: `${DENO.slice(0, DENO.lastIndexOf("/"))}:/usr/local/bin:/usr/bin:/bin`,
        HOME: this.#folder,
        DENO_DIR: denoDirectory(),
        AGENT_BUILD: "0",
        TERM: "xterm-256color",
        SHELL: "/bin/sh",
        LC_ALL: "C.UTF-8",
      },
    });
    if (code !== 0) throw new Error(`tmux ${args.join(" ")}: ${stderr}`);
    return stdout;
  }
}

const LIST = /^ +PID .*CPU%\u25bc.*NAME *$/m;
/** All of it, with figures that take two readings: a screen may be looked at while it is drawn. */
const WHOLE = /^agent top .*takes [\d.]+%$[^]*^ +PID .*CPU%\u25bc.*NAME *$[^]*^q quit {2}\? help/m;

/** Nothing of the program is left on the terminal. */
async function checkRestored(terminal: Terminal, code: number): Promise<void> {
  const lines = await terminal.see(new RegExp(`ended with ${code}`));
  assert.ok(!lines.some((line) => line.includes("agent top")), lines.join("\n"));
  assert.deepEqual(await terminal.flags(), { isOther: false, hasCursor: true });
  await until(() => terminal.isRestored().catch(() => false), "the terminal's settings differ");
}

for (const [columns, rows] of [[80, 24], [200, 60]] as const) {
  testNeeding(
    needs,
    `top: ${columns}x${rows} is filled from the first to the last line`,
    async () => {
      await using terminal = await Terminal.open(columns, rows);
      const lines = await terminal.see(WHOLE);
      assert.equal(lines.length, rows);
      assert.match(lines[0]!, /^agent top {2}\d\d:\d\d:\d\d {2}up .* native, takes [\d.]+%$/);
      assert.match(lines[rows - 1]!, /^q quit {2}\? help/);
      const text = lines.join("\n");
      for (const word of ["CPU", "MEM", "DISK", "FILES", "NET", "PROCESSES"]) {
        assert.ok(text.includes(word), `${word}:\n${text}`);
      }
      assert.ok(lines.filter((line) => /^ +\d+ .*[A-Z] +[\d.-]+ /.test(line)).length >= 3, text);
      assert.deepEqual(await terminal.flags(), { isOther: true, hasCursor: false });
      assert.ok((await terminal.coloured()).includes("\x1b[38;5;"));
      await terminal.press("q");
      await checkRestored(terminal, 0);
    },
  );
}

testNeeding(needs, "top: a new size is drawn at once, smaller and larger", async () => {
  await using terminal = await Terminal.open(80, 24);
  await terminal.see(LIST);
  await terminal.resize(200, 60);
  const large = await terminal.see(/DISKS \u2500+ {2}NETWORK \u2500+[^]*\nq quit/);
  assert.equal(large.length, 60);
  assert.match(large[59]!, /^q quit/);
  await terminal.resize(50, 12);
  const small = await terminal.see(/^agent top[^]*\nq quit(?:(?!details).)*$/);
  assert.equal(small.length, 12);
  assert.match(small[0]!, /^agent top/);
  await terminal.resize(20, 3);
  await terminal.see(/too small/);
  await terminal.press("q");
  await terminal.resize(80, 24);
  await checkRestored(terminal, 0);
});

testNeeding(
  needs,
  "top: searching, choosing, details, sorting, pausing and help, by keys",
  async () => {
    await using terminal = await Terminal.open(100, 40);
    await terminal.see(LIST);
    await terminal.press("/", "d", "e", "n", "o");
    await terminal.see(/^search deno/m);
    await terminal.press("Enter");
    await terminal.see(/PROCESSES \d+ of \d+ .* with "deno"/);
    await terminal.press("Down", "Enter");
    await terminal.see(/^PROCESS deno \u2500+/m);
    await terminal.press("Escape");
    await terminal.see(/^q quit/m);
    await terminal.press("Escape");
    await terminal.see(/PROCESSES \d+ \u00b7/);
    await terminal.press("P");
    await terminal.see(/PID\u25b2/);
    // The heading may be drawn before the rows are.
    const isSorted = async (): Promise<boolean> => {
      const row = /^ +(\d+) +\d+ [A-Z] /;
      const pids = (await terminal.lines()).flatMap((line) => row.exec(line)?.[1] ?? []).map(
        Number,
      );
      return pids.length > 3 && pids.every((pid, at) => at === 0 || pid > pids[at - 1]!);
    };
    await until(isSorted, "the processes are not in the order of their numbers");
    await terminal.press("Space");
    const [held] = await terminal.see(/^agent top {2} paused /m);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    assert.equal((await terminal.lines())[0], held);
    await terminal.press("Space", "?");
    await terminal.see(/^KEYS \u2500+/m);
    await terminal.press("x");
    await terminal.see(/PID\u25b2/);
    await terminal.press("C-c");
    await checkRestored(terminal, 130);
  },
);

for (const [signal, code] of [["SIGTERM", 143], ["SIGHUP", 129], ["SIGINT", 130]] as const) {
  testNeeding(needs, `top: ${signal} leaves the terminal as it was`, async () => {
    await using terminal = await Terminal.open(80, 24);
    await terminal.see(LIST);
    await terminal.signal(signal);
    await checkRestored(terminal, code);
  });
}

testNeeding(needs, "top: where the terminal is lost the program ends", async () => {
  const terminal = await Terminal.open(80, 24);
  let pid: number;
  {
    await using _ = terminal;
    await terminal.see(LIST);
    pid = await terminal.pid();
  }
  await until(() => {
    try {
      Deno.kill(pid, "SIGCONT");
      return false;
    } catch (error) {
      return error instanceof Deno.errors.NotFound;
    }
  }, "it still runs");
});

testNeeding(needs, "top: after a stop it takes the terminal again and draws all", async () => {
  await using terminal = await Terminal.open(80, 24);
  await terminal.see(LIST);
  await terminal.signal("SIGSTOP");
  await terminal.tamper();
  assert.ok(!await terminal.isRaw());
  await terminal.signal("SIGCONT");
  await until(() => terminal.isRaw(), "the terminal was not taken again");
  const lines = await terminal.see(LIST);
  assert.equal(lines.length, 24);
  await terminal.press("?");
  await terminal.see(/^KEYS/m);
  await terminal.press("q");
  await checkRestored(terminal, 0);
});

testNeeding(needs, "top: a name that is hostile is seen, and does nothing", async () => {
  const folder = await Deno.makeTempDir();
  // The kernel takes the file's name for the program's, up to 15 bytes.
  const program = `${folder}/\x1b[2J\u202ezz`;
  await Deno.copyFile("/bin/sleep", program);
  await Deno.chmod(program, 0o755);
  const child = new Deno.Command(program, { args: ["600"] }).spawn();
  try {
    await using terminal = await Terminal.open(100, 30, `--filter ${child.pid}`);
    const lines = await terminal.see(new RegExp(`^ +${child.pid} `, "m"));
    const line = lines.find((one) => one.includes(String(child.pid)) && /^ +\d/.test(one));
    assert.ok(!/[\p{Cc}\p{Cf}]/u.test(line!), line);
    assert.match(lines[0]!, /^agent top/);
    assert.equal(lines.length, 30);
    await terminal.press("q");
    await checkRestored(terminal, 0);
  } finally {
    child.kill("SIGKILL");
    await child.status;
    await Deno.remove(folder, { recursive: true });
  }
});

testNeeding(needs, "top: NO_COLOR has none, TERM=dumb has one look as text", async () => {
  {
    await using terminal = await Terminal.open(80, 24, "", "NO_COLOR=1");
    await terminal.see(LIST);
    assert.ok(!(await terminal.coloured()).includes("\x1b[38;5;"));
    await terminal.press("q");
    await checkRestored(terminal, 0);
  }
  await using terminal = await Terminal.open(80, 24, "", "TERM=dumb");
  const lines = await terminal.see(/ended with 0/);
  assert.ok(lines.some((line) => line.startsWith("PROCESSES")), lines.join("\n"));
  assert.deepEqual(await terminal.flags(), { isOther: false, hasCursor: true });
});

testNeeding(needs, "top: an alert that fires is on the screen", async () => {
  await using terminal = await Terminal.open(80, 24, '--alert "memory.total>1"');
  await terminal.see(/^! .*memory\.total/m);
  await terminal.press("q");
  await checkRestored(terminal, 0);
});
