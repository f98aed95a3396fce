/** A title as a name for directories and branches. */

/** Letters that do not come apart into a Latin one and a mark, as people write them where they have to do without. */
const LETTERS: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  đ: 'd',
  ð: 'd',
  ħ: 'h',
  ı: 'i',
  ł: 'l',
  ŋ: 'ng',
  þ: 'th',
}

/**
 * Lower-case words joined by single hyphens, as many whole words as make no more than `most` characters: `My New Größe`
 * → `my-new-grosse`. Empty where the title has no Latin letter and no digit.
 */
export function slugify(title: string, most = 60): string {
  const name = title
    .toLowerCase()
    .replace(/[^\0-\x7f]/g, letter => LETTERS[letter] ?? letter)
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
  if (name.length <= most) return name
  const end = name.lastIndexOf('-', most)
  return name.slice(0, end > 0 ? end : most)
}
