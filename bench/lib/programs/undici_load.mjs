/**
 * Gets one address many times by undici's `request`, under Node. Arguments: the folder of the packages, the address, how
 * many times, how many at once. Prints JSON: milliseconds, CPU milliseconds.
 */

const [folder, url, count, atOnce] = process.argv.slice(2);
const { Agent, request } = await import(new URL("undici/index.js", folder));
const dispatcher = new Agent({ connections: Number(atOnce), pipelining: 1 });

async function get(times) {
  let left = times;
  let sum = 0;
  const work = async () => {
    while (left-- > 0) {
      const { body } = await request(url, { dispatcher });
      const { byteLength } = await body.arrayBuffer();
      sum += byteLength;
    }
  };
  await Promise.all(Array.from({ length: Number(atOnce) }, work));
  return sum;
}

await get(Number(atOnce));
const cpu = process.cpuUsage();
const begun = performance.now();
await get(Number(count));
const ms = performance.now() - begun;
const { user, system } = process.cpuUsage(cpu);
process.stdout.write(JSON.stringify({ ms, cpuMs: (user + system) / 1e3 }));
process.exit(0);
