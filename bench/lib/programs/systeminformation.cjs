// The same figures from systeminformation, in the Node that it is made for: one round for each byte of its input, answered with
// a line. The argument is the folder that it is installed in.
"use strict";

const si = require(`${process.argv[2]}/systeminformation`);

async function round() {
  const [, , , , , , processes] = await Promise.all([
    si.currentLoad(),
    si.mem(),
    si.fsSize(),
    si.fsStats(),
    si.disksIO(),
    si.networkStats("*"),
    si.processes(),
    si.cpuTemperature(),
  ]);
  return processes.all;
}

async function main() {
  await round();
  process.stdout.write("ready\n");
  for await (const bytes of process.stdin) {
    for (let i = 0; i < bytes.length; i++) process.stdout.write(`${await round()}\n`);
  }
}

main();
