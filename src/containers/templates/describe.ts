/**
 * Says what a template is and what a deployment of it may do, before anything runs.
 *
 * @module
 */

import { judgeLimits } from "../policy/mod.ts";
import type { Template, TemplateOption } from "./types.ts";

/**
 * Describes a template, a fact a line: what it runs as, what it can reach, who reaches it, and which capabilities it
 * knows a use for and are given only if asked for.
 */
export function describeTemplate(template: Template): string {
  const { profile, network, token } = template;
  const limits = judgeLimits(template.limits, profile);
  const lines = [
    `${template.name} (${template.id} ${template.version}, ${template.source})`,
    template.description,
    `Profile: ${profile}; no capability, no new privileges, ` +
    `${
      template.writableRoot ? "a writable root" : "a root that is read only"
    }, user ${template.user}`,
    `Image: ${template.image ?? "built from its Dockerfile"}`,
    `Network: ${NETWORKS[network]}`,
    `Limits: ${
      limits.memoryBytes / 2 ** 20
    } MiB of memory, ${limits.cpus} processors, ${limits.pids} processes`,
  ];
  for (const port of template.ports) {
    lines.push(
      `Port ${port.name}: ${port.container}/${port.protocol}, at a free port of 127.0.0.1`,
    );
  }
  if (token === null) lines.push("Token: none");
  else {
    lines.push(
      "env" in token
        ? `Token: random for each deployment, in the variable ${token.env}`
        : `Token: random for each deployment, in the file ${token.file}`,
    );
  }
  for (const { name, target } of template.volumes) lines.push(`Volume ${name}: at ${target}`);
  for (const { name, reason } of template.capabilities) {
    lines.push(`Capability ${name}: not given unless asked for, then as root; for ${reason}`);
  }
  for (const [name, option] of Object.entries(template.options)) {
    lines.push(`Option ${name}: ${option.description} ${valuesOf(option)}`);
  }
  return [...lines, ...template.notes].join("\n");
}

const NETWORKS: Readonly<Record<Template["network"], string>> = {
  none: "none",
  internal: "one of its own without a way out",
  bridge: "one of its own, with a way out",
};

function valuesOf({ enum: values, proposals, default: usual }: TemplateOption): string {
  const list = values ?? proposals;
  return `(default ${JSON.stringify(usual)}${
    list === undefined ? "" : `; such as ${list.join(", ")}`
  })`;
}
