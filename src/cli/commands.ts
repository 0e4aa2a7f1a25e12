/**
 * The commands of the command line.
 *
 * @module
 */

import { adminCommands } from "./admin.ts";
import { ask } from "./ask.ts";
import { bench } from "./bench.ts";
import { chat } from "./chat.ts";
import type { Command } from "./command.ts";
import { containerCommands } from "./containers.ts";
import { doctor } from "./doctor.ts";
import { fetchCommand } from "./fetch.ts";
import { hostCommands } from "./host.ts";
import { index } from "./index_command.ts";
import { load } from "./load.ts";
import { mcp } from "./mcp.ts";
import { queueCommands } from "./queue.ts";
import { resume, run } from "./run.ts";
import { scan } from "./scan.ts";
import { serve } from "./serve.ts";
import { textCommands } from "./text.ts";
import { top } from "./top.ts";

/** Every command, in the order in which the help lists them. */
export const COMMANDS: readonly Command[] = [
  ask,
  index,
  run,
  resume,
  chat,
  fetchCommand,
  serve,
  mcp,
  doctor,
  ...adminCommands,
  ...containerCommands,
  ...hostCommands,
  scan,
  top,
  bench,
  load,
  ...queueCommands,
  ...textCommands,
];
