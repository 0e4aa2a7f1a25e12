/**
 * Which container a process is in, from its control groups.
 *
 * @module
 */

import type { ContainerRef } from "./types.ts";

/** Where engines put a container's id: `docker-<id>.scope`, `/docker/<id>`, `libpod-<id>.scope`, ... */
const PLACES: readonly (readonly [engine: string, place: RegExp])[] = [
  ["docker", /(?:^|\/)docker[-/]([0-9a-f]{64})(?:\.scope)?(?:\/|$)/],
  ["podman", /(?:^|\/)libpod-([0-9a-f]{64})(?:\.scope)?(?:\/|$)/],
  ["containerd", /(?:^|\/)cri-containerd-([0-9a-f]{64})(?:\.scope)?(?:\/|$)/],
  ["cri-o", /(?:^|\/)crio-([0-9a-f]{64})(?:\.scope)?(?:\/|$)/],
  ["lxc", /(?:^|\/)lxc(?:\.payload)?[./]([A-Za-z0-9_.-]{1,64})(?:\/|$)/],
  ["unknown", /(?:^|[/-])([0-9a-f]{64})(?:\.scope)?(?:\/|$)/],
];

/**
 * The container of a process.
 *
 * @param groups The text of its `cgroup` file.
 */
export function containerOf(groups: string): ContainerRef | null {
  for (const line of groups.split("\n")) {
    const path = line.split(":").slice(2).join(":");
    for (const [engine, place] of PLACES) {
      const id = place.exec(path)?.[1];
      if (id !== undefined) return { engine, id };
    }
  }
  return null;
}
