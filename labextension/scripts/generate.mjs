/**
 * Writes `src/protocol/messages.ts` from the JSON Schema of `codeact_jupyter/protocol/`.
 *
 *     node scripts/generate.mjs           runs ${PYTHON:-python3} -m codeact_jupyter.protocol
 *     node scripts/generate.mjs --stdin   reads the schema from standard input
 *     node scripts/generate.mjs --print   prints the types and writes nothing
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import process from 'node:process';
import { fileURLToPath, URL } from 'node:url';

import { compile } from 'json-schema-to-typescript';

const here = path => fileURLToPath(new URL(path, import.meta.url));

/** @returns {string} The schema as JSON. */
function schemaText() {
  if (process.argv.includes('--stdin')) {
    return readFileSync(0, 'utf8');
  }
  const python = process.env.PYTHON || 'python3';
  return execFileSync(python, ['-m', 'codeact_jupyter.protocol'], {
    cwd: here('../..'),
    encoding: 'utf8'
  });
}

const { names, ...schema } = JSON.parse(schemaText());
const types = await compile(schema, 'Protocol', {
  additionalProperties: false,
  bannerComment: [
    '/**',
    ' * What kernel and tab say to each other. Generated from `codeact_jupyter/protocol/` by',
    ' * `jlpm generate`; change it there.',
    ' */'
  ].join('\n'),
  style: JSON.parse(readFileSync(here('../.prettierrc.json'), 'utf8'))
});
const constants = Object.entries(names)
  .map(([name, value]) => `export const ${name} = '${value}';\n`)
  .join('');
const unions = `
export type KernelMessage = Protocol['kernel_message'];
export type TabMessage = Protocol['tab_message'];

/** What gets exactly one reply. */
export type KernelRequest = Extract<KernelMessage, { id: number }>;

/** What the kernel answers with a \`Done\`. */
export type TabRequest = Extract<TabMessage, { id: number }>;

export type ReplyError = NonNullable<Reply['error']>;
`;
const text = `${types}${unions}\n${constants}`;
if (process.argv.includes('--print')) {
  process.stdout.write(text);
} else {
  writeFileSync(here('../src/protocol/messages.ts'), text);
}
