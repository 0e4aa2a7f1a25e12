/**
 * Rules about settings of the kernel.
 *
 * @module
 */

import { STICKY, WORLD_WRITABLE } from "../files.ts";
import type { Rule } from "../rule.ts";

/** Interfaces that container engines and virtual machines make, who need forwarding. */
const CONTAINER_BRIDGE =
  /^(docker|podman|cni|virbr|lxcbr|lxdbr|incusbr|flannel|cali)|^br-[0-9a-f]{12}$/;

/** The rules. */
export const kernelRules: readonly Rule[] = [
  {
    id: "core-pattern-writable",
    title: "What handles crashes lies where everybody may write",
    severity: "high",
    attack: "T1546",
    about: "The kernel starts this program as the superuser whenever something crashes.",
    falseAlarms: "None.",
    advice: "Set kernel.core_pattern to a program in /usr, or to a plain file name.",
    find: ({ settings, files }) => {
      const pattern = settings["kernel/core_pattern"];
      const program = /^\|\s*(\S+)/.exec(pattern ?? "")?.[1];
      if (program === undefined) return [];
      const folder = program.slice(0, program.lastIndexOf("/")) || "/";
      const isOpen = [program, folder].some((path) => {
        const found = files.facts(path);
        return found !== undefined && !found.isLink && (found.mode & WORLD_WRITABLE) !== 0 &&
          !(path === program && found.isFolder && (found.mode & STICKY) !== 0);
      });
      return isOpen || /^\/(tmp|var\/tmp|dev\/shm)\//.test(program)
        ? [{ evidence: { program } }]
        : [];
    },
  },
  {
    id: "ip-forwarding",
    title: "This machine passes packets on between networks",
    severity: "low",
    attack: "T1090",
    about: "Through it others reach networks that they should not.",
    falseAlarms:
      "Routers, VPN gateways, and machines with containers, of which those with their bridges are left out here.",
    advice: "sysctl net.ipv4.ip_forward=0, if it is not one of these.",
    find: ({ settings, interfaces }) =>
      interfaces.some(({ name }) => CONTAINER_BRIDGE.test(name))
        ? []
        : ["net/ipv4/ip_forward", "net/ipv6/conf/all/forwarding"].flatMap((setting) =>
          settings[setting] !== undefined && settings[setting] !== "0"
            ? [{ evidence: { setting: setting.replaceAll("/", "."), value: settings[setting]! } }]
            : []
        ),
  },
  {
    id: "address-randomization-off",
    title: "Addresses in memory are not randomised",
    severity: "medium",
    attack: "T1211",
    about: "Holes in programs are far easier to use when everything lies where it always does.",
    falseAlarms: "Some old programs and debugging sessions need it.",
    advice: "sysctl kernel.randomize_va_space=2.",
    find: ({ settings }) => {
      const value = settings["kernel/randomize_va_space"];
      return value === undefined || value === "2" ? [] : [{ evidence: { value } }];
    },
  },
  {
    id: "privileged-core-dumps",
    title: "Programs with other rights than their user's leave memory behind when they crash",
    severity: "medium",
    attack: "T1003.007",
    about: "The image of a set-uid program's memory has passwords and keys in it.",
    falseAlarms: "Developers set it for a while.",
    advice: "sysctl fs.suid_dumpable=0 (or 2, where only the superuser reads them).",
    find: ({ settings }) =>
      settings["fs/suid_dumpable"] === "1" ? [{ evidence: { value: "1" } }] : [],
  },
  {
    id: "module-loader-changed",
    title: "The kernel's loader of modules is another program than usual",
    severity: "high",
    attack: "T1547.006",
    about: "The kernel starts it as the superuser whenever it misses a module.",
    falseAlarms:
      "Distributions with other places for their programs, such as NixOS, which is left out here.",
    advice: "Set kernel.modprobe back to /sbin/modprobe, and look at the program that stood there.",
    find: ({ settings }) => {
      const program = settings["kernel/modprobe"];
      return program === undefined ||
          /^$|^\/(usr\/)?s?bin\/|^\/(nix|run\/current-system)\//.test(program)
        ? []
        : [{ evidence: { program } }];
    },
  },
];
