/** What comments say of declarations, in each family of languages. */

import assert from "assertions";
import { temporary } from "../../support/programs.ts";
import { done } from "./support.ts";

const SOURCES: Readonly<Record<string, string>> = {
  "a.ts": `/**
 * Adds two numbers,
 * whatever they are.
 *
 * More of it.
 * @param a one
 */
export function add(a: number, b: number) { return a + b; }

/** One line. */
@sealed
class Box {
  /** Opens it. */
  open() {}
  // A remark.
  shut() {}
}

/* No documentation. */
const plain = () => 1;

/** Of something else. */

export function apart() {}

const text = "/** Not a comment. */";
function after() {}
/** @returns nothing */
function tagged() {}
`,
  "b.py": `def area(
    w, h,
):
    """The area
    of a box.

    Longer.
    """
    return w * h


class Box:
    'A box.'
    def none(self):
        x = """no"""
    def last(self): 
        return "no"
`,
  "c.rs": `/// Adds.
/// Both of them.
#[inline]
fn add() {}
// A remark.
fn plain() {}
`,
  "d.go": `// Add adds.
func Add() {}

func plain() {}
`,
  "e.cs": `/// <summary>
/// Says hello.
/// </summary>
[Obsolete("x")]
public void Hello() { }
`,
};

Deno.test("sources: what is said of a declaration is told with it", async () => {
  await temporary(async (folder) => {
    for (const [name, text] of Object.entries(SOURCES)) {
      Deno.writeTextFileSync(`${folder}/${name}`, text);
    }
    const { symbols } = await done<{ symbols: { file: string; name: string; doc?: string }[] }>(
      ...["developer", "code_symbols", {}, { folder }] as const,
    );
    const said = symbols.map(({ file, name, doc }) => [file, name, doc ?? null]);
    assert.deepEqual(said, [
      ["a.ts", "add", "Adds two numbers, whatever they are."],
      ["a.ts", "Box", "One line."],
      ["a.ts", "open", "Opens it."],
      ["a.ts", "shut", null],
      ["a.ts", "plain", null],
      ["a.ts", "apart", null],
      ["a.ts", "text", null],
      ["a.ts", "after", null],
      ["a.ts", "tagged", null],
      ["b.py", "area", "The area of a box."],
      ["b.py", "Box", "A box."],
      ["b.py", "none", null],
      ["b.py", "last", null],
      ["c.rs", "add", "Adds. Both of them."],
      ["c.rs", "plain", null],
      ["d.go", "Add", "Add adds."],
      ["d.go", "plain", null],
      ["e.cs", "Hello", "Says hello."],
    ]);
  });
});
