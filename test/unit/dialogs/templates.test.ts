import { describe, expect, it } from 'vitest';
import { compileExpression } from '../../../src/dialogs/expressions.ts';
import { compileTemplate } from '../../../src/dialogs/templates.ts';

const render = (source: string, scope: Record<string, unknown>) => {
  const compiled = compileTemplate(source);
  if ('problem' in compiled) throw new Error(compiled.problem);
  return compiled.template.render(scope);
};
const evaluate = (source: string, scope: Record<string, unknown>) => {
  const compiled = compileExpression(source);
  if ('problem' in compiled) throw new Error(compiled.problem);
  return compiled.expression.evaluate((name) => scope[name]);
};
const scopeIn = (language: string, time_zone = 'Europe/London') => ({
  language,
  shop: { time_zone },
  total: { amount: '12345.5', currency: 'THB' },
  at: Date.UTC(2025, 10, 21, 18, 5),
  status: 'in_transit',
});

describe('templates', () => {
  it('formats money, dates and states in the language and zone', () => {
    expect(render('{{ total | money }}', scopeIn('th'))).toBe('฿12,345.50');
    expect(render('{{ total | money }}', { ...scopeIn('vi'), total: { amount: '12000', currency: 'VND' } })).toBe(
      '12.000 ₫',
    );
    expect(render('{{ at | date }}', scopeIn('en'))).toBe('21 Nov 2025');
    expect(render('{{ at | date: "time" }}', scopeIn('en', 'Asia/Bangkok'))).toBe('22 Nov 2025, 01:05');
    expect(render('{{ at | date }}', scopeIn('th'))).toContain('2025');
    expect(render('{{ status | order_status }}', scopeIn('zh-TW'))).toBe('運送中');
    expect(render('{{ status | parcel_status }}', scopeIn('fr'))).toBe(
      'The carrier has it and it is on its way to you',
    );
    expect(render('{{ status | order_status }}', { ...scopeIn('en'), status: 'constructor' })).toBe('Being processed');
  });

  it('leaves what it cannot format as it is', () => {
    expect(render('{{ x | money }}|{{ x | date }}|{{ n | date }}', { ...scopeIn('en'), x: 'soon', n: null })).toBe(
      'soon|soon|',
    );
    expect(render('{{ x | money }}', { ...scopeIn('en'), x: { amount: 'a lot', currency: '??' } })).toBe('a lot ??');
  });

  it('fails on a variable without a value, except in if and default', () => {
    expect(() => render('{{ late }}', {})).toThrow(/undefined variable/);
    expect(render('{% if late %}x{% endif %}{{ late | default: "none" }}', {})).toBe('none');
  });

  it('reaches nothing but own properties', () => {
    expect(() => render('{{ shop.constructor }}', scopeIn('en'))).toThrow();
    expect(() => render('{{ shop.__proto__ }}', scopeIn('en'))).toThrow();
  });

  it('gives up on templates that would not end', () => {
    expect(() => render('{% for i in (1..100000000) %}x{% endfor %}', {})).toThrow(/limit/);
  });
});

describe('expressions', () => {
  it.each([
    ['count + 1', 3],
    ['count * 2 - 1', 3],
    ['size(names)', 2],
    ['known(missing)', false],
    ['known(empty) || known(names)', true],
    ["status in ['to_ship', 'in_transit']", true],
    ['now - at > days(2)', true],
    ["missing == 'x'", false],
    ['names.exists(x, x == "b")', true],
    ["{'a': [1, 2]}", { a: [1, 2] }],
  ])('%s', (source, expected) => {
    const scope = { count: 2, names: ['a', 'b'], empty: '', status: 'in_transit', now: 3 * 86_400_000, at: 0 };
    expect(evaluate(source, scope)).toEqual(expected);
  });

  it('reads what it reads, and not what a macro binds', () => {
    const compiled = compileExpression('orders.exists(o, o.id == order_id) && order.items[0].name != names[i]');
    const reads = 'expression' in compiled ? compiled.expression.reads.map((path) => path.join('.')) : [];
    expect(reads.sort()).toEqual(['i', 'names.', 'order.items.0.name', 'order_id', 'orders']);
  });

  it('has no way to the host', () => {
    for (const source of ['order.constructor', 'order.__proto__', "''.constructor"])
      expect(() => evaluate(source, { order: {} })).toThrow();
  });
});
