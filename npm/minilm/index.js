// The weights in base64: text that Deno imports without any permission.
export { default } from "./minilm_l6.enc.txt" with { type: "text" };
