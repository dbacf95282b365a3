import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useState } from 'react';

import { Language, LANGUAGES, readCode, WORDS } from '../../api/reads';
import { Copy } from '../../components/copy';

/** How to read a dataset, as what one works with. */
export function Reads(props: {
  dataset: string;
  first: Language;
  trans: TranslationBundle;
  insert: (language: Language) => void;
}): JSX.Element {
  const { dataset, trans } = props;
  const [language, setLanguage] = useState(props.first);
  const code = readCode(dataset, language);
  return (
    <div className="wb-Reads">
      <div className="wb-Choice" role="group" aria-label={trans.__('Read it as')}>
        {LANGUAGES.map(each => (
          <button key={each} type="button" aria-pressed={each === language} onClick={() => setLanguage(each)}>
            {WORDS[each]}
          </button>
        ))}
      </div>
      <p className="wb-Dataset-read">
        <code>{code}</code> <Copy text={code} trans={trans} />{' '}
        <button type="button" className="wb-Button wb-mod-small" onClick={() => props.insert(language)}>
          {trans.__('Insert into notebook')}
        </button>
      </p>
    </div>
  );
}
