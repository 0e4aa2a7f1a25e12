/** Answers as Podman does, on the Unix socket that the first argument names; says when it listens. */

const path = Deno.args[0]!;

Deno.serve({
  path,
  // deno-lint-ignore no-console
  onListen: () => console.log("listening"),
}, () =>
  Response.json({
    Platform: { Name: "linux/arm64/debian-12" },
    Components: [{ Name: "Podman Engine", Version: "4.3.1", Details: { APIVersion: "4.3.1" } }],
    Version: "4.3.1",
    ApiVersion: "1.41",
    Os: "linux",
    Arch: "arm64",
  }));
