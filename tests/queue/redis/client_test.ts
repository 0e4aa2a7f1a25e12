/** The client of Redis as BullMQ gets it. */

import { parseAddress } from "../../../src/cache/distributed/address.ts";
import { Clients } from "../../../src/queue/redis/client.ts";
import { loadPackages } from "../../../src/queue/redis/load.ts";
import { untilAllLeave } from "../../support/servers.ts";

Deno.test("a client that is ended while it connects leaves no connection open", async () => {
  const { client: module } = await loadPackages();
  await untilAllLeave(async (host) => {
    const clients = new Clients(module, parseAddress(`redis://${host}`));
    for (let at = 0; at < 5; at++) {
      const client = clients.make(at % 2 === 0 ? "work" : "calls");
      const connecting = client.connect();
      clients.end(client);
      // It was given up: how that is said is of no interest.
      await connecting.catch(() => {});
    }
    await clients.close();
  });
});
