/**
 * The templates of this package, as data: each is a folder with a `template.json` and what its image is built from.
 *
 * @module
 */

import cybersecLab from "./cybersec-lab/template.json" with { type: "json" };
import cybersecLabDockerfile from "./cybersec-lab/Dockerfile" with { type: "text" };
import dataScience from "./data-science/template.json" with { type: "json" };
import dataScienceDockerfile from "./data-science/Dockerfile" with { type: "text" };
import dataScienceStart from "./data-science/start.sh" with { type: "text" };
import devEnvironment from "./dev-environment/template.json" with { type: "json" };
import devEnvironmentDockerfile from "./dev-environment/Dockerfile" with { type: "text" };
import devEnvironmentStart from "./dev-environment/start.sh" with { type: "text" };
import mlTraining from "./ml-training/template.json" with { type: "json" };
import mlTrainingDockerfile from "./ml-training/Dockerfile" with { type: "text" };
import mlTrainingStart from "./ml-training/start.sh" with { type: "text" };
import webPentest from "./web-pentest/template.json" with { type: "json" };
import webPentestDockerfile from "./web-pentest/Dockerfile" with { type: "text" };
import { readTemplate } from "./read.ts";
import type { Template } from "./types.ts";

const DATA: readonly (readonly [json: { readonly id: string }, files: Record<string, string>])[] = [
  [cybersecLab, { Dockerfile: cybersecLabDockerfile }],
  [dataScience, { Dockerfile: dataScienceDockerfile, "start.sh": dataScienceStart }],
  [devEnvironment, { Dockerfile: devEnvironmentDockerfile, "start.sh": devEnvironmentStart }],
  [mlTraining, { Dockerfile: mlTrainingDockerfile, "start.sh": mlTrainingStart }],
  [webPentest, { Dockerfile: webPentestDockerfile }],
];

let read: readonly Template[] | undefined;

/** The templates of this package, by id. */
export function builtInTemplates(): readonly Template[] {
  return read ??= DATA.map(([json, texts]) => {
    const encoder = new TextEncoder();
    const files = new Map(
      Object.entries(texts).map(([path, text]) => [path, encoder.encode(text)]),
    );
    return readTemplate(json, { source: "built-in", files }, `template ${json.id}`);
  });
}
