/** The question that the benches of the server ask, and the documents that answer it. */

/** The token of these servers. */
export const TOKEN = "a-token-of-the-benches";

/** Some documents, one of which answers. */
export const DOCUMENTS: readonly { document: string; text: string }[] = [
  { document: "tea.md", text: "# Tea\n\nGreen tea steeps for two minutes. Black tea takes four." },
  ...Array.from({ length: 100 }, (_, at) => ({
    document: `note-${at}.md`,
    text: `# Note ${at}\n\nThe lamp of room ${at} burns for ${at + 3} hours on one charge.`,
  })),
];

/** The question, as a client of OpenAI sends it. */
export function askRequest(): Request {
  return new Request("http://127.0.0.1/v1/chat/completions", {
    method: "POST",
    headers: { authorization: `Bearer ${TOKEN}`, "content-type": "application/json" },
    body: JSON.stringify({
      model: "agent",
      messages: [{ role: "user", content: "How long does green tea steep?" }],
    }),
  });
}
