import { expect, test } from 'vitest';

import { harmless, hasFormula, withoutDiagrams } from '../../src/sidebar/formulas';

test.each([
  ['\\require{foo}', '∖require{foo}'],
  ['\\Require{foo}', '∖Require{foo}'],
  ['\\href{javascript:x}{y}', '∖href{javascript:x}{y}'],
  ['\\def\\z{\\style}', '\\def\\z{∖style}'],
  ['\\\\class{x}', '\\∖class{x}'],
  ['\\cssId1', '∖cssId1'],
  ['\\mmlToken\\bbox\\fcolorbox\\setOptions', '∖mmlToken∖bbox∖fcolorbox∖setOptions']
])('%s does nothing', (formula, expected) => {
  expect(harmless(formula)).toBe(expected);
});

test.each(['\\frac{1}{2}', '\\textstyle\\color{red}{x}', '\\text{style}'])(
  '%s is set as it is',
  formula => {
    expect(harmless(formula)).toBe(formula);
  }
);

test.each([
  ['costs $5', true],
  ['\\(x\\)', true],
  ['\\[x\\]', true],
  ['\\begin{align}', true],
  ['C:\\style', false]
])('whether a typesetter may find a formula in %s: %s', (text, expected) => {
  expect(hasFormula(text)).toBe(expected);
});

test.each([
  ['```mermaid\nA\n```', '```text\nA\n```'],
  ['1. ~~~~ mermaid\n   A', '1. ~~~~ text\n   A'],
  ['> ```` Mermaid', '> ```` text'],
  ['```\nmermaid\n```', '```\nmermaid\n```'],
  ['a mermaid', 'a mermaid']
])('%j draws nothing', (markdown, expected) => {
  expect(withoutDiagrams(markdown)).toBe(expected);
});
