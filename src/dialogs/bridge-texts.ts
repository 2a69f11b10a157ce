import type { TextKey } from '../contracts/settings.ts';
import { DEFAULT_TEXTS } from './default-texts.ts';
import { languageChain } from './languages.ts';
import type { RawText } from './schema-parts.ts';

/** The bridge's words: those of `bridge.yaml` first, then the defaults, along the language chain. Never empty. */
export function createBridgeTexts(
  overrides: Readonly<Record<string, RawText>> = {},
): (key: TextKey, language: string) => string[] {
  return (key, language) => {
    const own = Object.hasOwn(overrides, key) ? overrides[key] : undefined;
    if (typeof own === 'string') return [own];
    if (Array.isArray(own)) return own;
    const chain = languageChain(language, []);
    for (const code of chain) {
      const written = own !== undefined && Object.hasOwn(own, code) ? own[code] : undefined;
      if (written !== undefined) return typeof written === 'string' ? [written] : written;
      // A default in the buyer's language beats the shop's own words in another one.
      const given = Object.hasOwn(DEFAULT_TEXTS, code) ? DEFAULT_TEXTS[code]?.[key] : undefined;
      if (given !== undefined) return given;
    }
    return DEFAULT_TEXTS.en?.[key] ?? [''];
  };
}
