import { expect, test } from 'vitest';

import { isQuick } from '../../src/sidebar/work';

const CODE = `\`\`\`python\n${'total_sum = __init__(a_b) * 2\n'.repeat(330)}\`\`\`\n`;
const ROW = '| **name** | `code` | text and more text |\n';

test.each([
  ['', 'nothing'],
  [CODE, '10,000 characters of code'],
  [`|a|b|c|\n|-|-|-|\n${ROW.repeat(200)}`, 'a table'],
  ['Some words with **marks** in `them`.\n\n'.repeat(1000), 'many paragraphs']
])('a text is read as Markdown that is so quickly: %#', text => {
  expect(isQuick(text)).toBe(true);
});

test.each([
  'A'.repeat(200_000),
  '*a_ '.repeat(5000),
  '**a\n'.repeat(2500),
  '`a``b```c'.repeat(1100),
  '~'.repeat(20_000),
  '\\'.repeat(50_000),
  '[a]('.repeat(20_000),
  '```a\n\n'.repeat(10_000),
  `${'_a '.repeat(1400)}\n\n`.repeat(40)
])('a text is not read as Markdown that would hold up the page: %#', text => {
  expect(isQuick(text)).toBe(false);
});
