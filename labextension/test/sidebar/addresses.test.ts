import { expect, test } from 'vitest';

import { addressOf, tells, told } from '../../src/sidebar/addresses';

const OWN = 'http://127.0.0.1:8888';

test.each([
  ['https://pandas.pydata.org/docs', 'pandas.pydata.org'],
  ['http://a.example:81/x?y#z', 'a.example:81'],
  ['HTTPS://A.example', 'a.example'],
  ['https:a.example', 'a.example'],
  ['https://jupyter.org@attacker.invalid/', 'attacker.invalid'],
  ['https://jupyter\u0456.org/', 'xn--jupyter-xog.org']
])('%s leads to a host', (href, host) => {
  expect(addressOf(href, OWN)?.host).toBe(host);
});

test.each([
  '',
  '#there',
  'data.csv',
  './data.csv',
  '/files/data.csv',
  '//attacker.invalid/x',
  'attachment:x.png',
  'javascript:alert(1)',
  'java\tscript:alert(1)',
  ' javascript:alert(1)',
  'data:text/html,x',
  'blob:http://127.0.0.1:8888/1',
  'file:///etc/passwd',
  'mailto:a@b.example',
  'http://127.0.0.1:8888/lab?reset',
  'HTTP://127.0.0.1:8888',
  'http://'
])('%s is no link', href => {
  expect(addressOf(href, OWN)).toBeNull();
});

test.each([
  ['https://a.example/x', 'https://a.example/x', true],
  [' a.example ', 'https://a.example/x', true],
  ['https://a.example', 'https://a.example/', true],
  ['https://jupyter.org', 'https://attacker.invalid/login', false],
  ['jupyter.org', 'https://attacker.invalid/jupyter.org', false],
  ['https://a.example@b.example/', 'https://a.example@b.example/', false],
  ['https://jupyter\u0456.org/', 'https://jupyter\u0456.org/', false],
  ['the docs', 'https://a.example/x', false],
  ['', 'https://a.example/x', false]
])('whether %j tells of %s: %s', (text, href, expected) => {
  expect(tells(text, new URL(href))).toBe(expected);
});

test('an address that is no link is told once, and not at any length', () => {
  expect(told('data.csv', 'the data')).toBe('data.csv');
  expect(told('mailto:a@b.example', 'a@b.example')).toBe('');
  expect(told('data.csv', '')).toBe('data.csv');
  expect(told(`data:${'x'.repeat(1000)}`, 'x y')).toHaveLength(201);
});
