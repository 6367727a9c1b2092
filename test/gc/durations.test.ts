import { describe, expect, it } from 'vitest';
import { cutoffOf } from '../../src/core/gc/durations.js';

const now = Date.UTC(2026, 2, 31, 12);
const back = (text: string): string => new Date(cutoffOf(text, now)).toISOString();

describe('how old is old enough', () => {
  it.each([
    ['30d', '2026-03-01T12:00:00.000Z'],
    ['2w', '2026-03-17T12:00:00.000Z'],
    ['12h30m', '2026-03-30T23:30:00.000Z'],
    ['1d2h', '2026-03-30T10:00:00.000Z'],
    ['1.5d', '2026-03-30T00:00:00.000Z'],
    ['1w1d1h1m1s', '2026-03-23T10:58:59.000Z'],
    ['0s', '2026-03-31T12:00:00.000Z'],
    ['P30D', '2026-03-01T12:00:00.000Z'],
    ['P2W', '2026-03-17T12:00:00.000Z'],
    ['P1M', '2026-02-28T12:00:00.000Z'],
    ['P1Y1DT12H', '2025-03-30T00:00:00.000Z'],
    ['PT90M', '2026-03-31T10:30:00.000Z'],
    ['2026-01-02', '2026-01-02T00:00:00.000Z'],
    ['2026-01-02T03:04', '2026-01-02T03:04:00.000Z'],
    ['2026-01-02 03:04:05', '2026-01-02T03:04:05.000Z'],
    ['2026-01-02T03:04:05+02:00', '2026-01-02T01:04:05.000Z'],
  ])('%s goes back to %s', (text, moment) => {
    expect(back(text)).toBe(moment);
  });

  it.each([
    ...[
      '',
      ' ',
      '30',
      '0',
      '1.5',
      '-1d',
      'd',
      '30 d',
      '30D',
      '1h1d',
      '1d1d',
      '1..5d',
      '.5d',
      'P',
      'PT',
      'P1DT',
    ],
    ...[
      'P-1D',
      'soon',
      '2026-13-01',
      '2026-02-30',
      '2026-1-1',
      '2026-01-01T25:00',
      '20260101',
      '9'.repeat(30),
      '100y',
    ],
  ])('%j is refused', (text) => {
    expect(() => cutoffOf(text, now)).toThrow(expect.objectContaining({ exitCode: 2 }));
  });

  it('says what is wrong', () => {
    expect(() => cutoffOf('30', now)).toThrow(
      '--older-than 30 is no age and no date: a number needs its unit',
    );
    expect(() => cutoffOf('', now)).toThrow('--older-than is empty');
    expect(() => cutoffOf('2026-04-01', now)).toThrow('lies in the future');
    expect(() => cutoffOf('99999w', now)).toThrow('goes back before 1970');
  });
});
