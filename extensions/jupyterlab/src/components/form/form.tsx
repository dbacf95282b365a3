import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useId } from 'react';

import type { Drafts, Faults, Field } from './schema';

interface Props {
  fields: readonly Field[];
  drafts: Drafts;
  /** What is wrong, shown below the field that it is about. */
  faults: Faults;
  trans: TranslationBundle;
  change: (drafts: Drafts) => void;
  /** Told of Enter in a field of one line. */
  submit?: () => void;
}

/** A form for one object: a labelled control for each of its fields. It keeps nothing: `drafts` is what was typed. */
export function Form(props: Props): JSX.Element {
  const { fields, drafts, trans } = props;
  if (fields.length === 0) {
    return <p className="wb-Soft">{trans.__('It takes no parameters.')}</p>;
  }
  return (
    <form
      className="wb-Form"
      noValidate
      onSubmit={event => {
        event.preventDefault();
        props.submit?.();
      }}
    >
      {fields.map(field => (
        <Entry
          key={field.name}
          field={field}
          text={drafts[field.name] ?? field.initial}
          fault={props.faults[field.name] ?? ''}
          trans={trans}
          change={text => props.change({ ...drafts, [field.name]: text })}
        />
      ))}
    </form>
  );
}

interface EntryProps {
  field: Field;
  text: string;
  fault: string;
  trans: TranslationBundle;
  change: (text: string) => void;
}

function Entry(props: EntryProps): JSX.Element {
  const { field, fault, trans } = props;
  const id = useId();
  const changed = props.text !== field.initial;
  return (
    <div className="wb-Form-field" data-faulty={fault !== ''}>
      <div className="wb-Form-name">
        <label htmlFor={id}>
          {field.name}
          {field.required && <span className="wb-Soft"> {trans.__('(required)')}</span>}
        </label>
        {changed && !field.required && (
          <button
            type="button"
            className="wb-Link"
            aria-label={trans.__('Reset %1', field.name)}
            onClick={() => props.change(field.initial)}
          >
            {trans.__('Reset')}
          </button>
        )}
      </div>
      <Control {...props} id={id} />
      {field.help && <p className="wb-Form-help">{field.help}</p>}
      <p className="wb-Form-kind" id={`${id}-kind`}>
        {field.kind}
        {field.optional && ` · ${trans.__('empty for none')}`}
      </p>
      <p className="wb-Form-fault" id={`${id}-fault`} role={fault ? 'alert' : undefined}>
        {fault}
      </p>
    </div>
  );
}

function Control(props: EntryProps & { id: string }): JSX.Element {
  const { field, text, id } = props;
  const told = {
    id,
    'aria-invalid': props.fault !== '',
    'aria-required': field.required,
    'aria-describedby': `${id}-kind ${id}-fault`
  };
  const typed = (event: { target: { value: string } }): void => props.change(event.target.value);
  switch (field.control) {
    case 'flag':
      return field.optional ? (
        <select {...told} className="wb-Input" value={text} onChange={typed}>
          <option value="">{props.trans.__('none')}</option>
          <option value="true">{props.trans.__('yes')}</option>
          <option value="false">{props.trans.__('no')}</option>
        </select>
      ) : (
        <input
          {...told}
          type="checkbox"
          checked={text === 'true'}
          onChange={event => props.change(String(event.target.checked))}
        />
      );
    case 'choice':
      return (
        <select {...told} className="wb-Input" value={text} onChange={typed}>
          {(field.optional || text === '') && <option value="">{field.optional ? props.trans.__('none') : ''}</option>}
          {(field.schema.enum ?? []).map((value, index) => (
            <option key={index} value={index}>
              {typeof value === 'string' ? value : JSON.stringify(value)}
            </option>
          ))}
        </select>
      );
    case 'lines':
    case 'json':
      return (
        <textarea
          {...told}
          className="wb-Input wb-mod-many"
          rows={Math.min(8, Math.max(2, text.split('\n').length))}
          spellCheck={false}
          value={text}
          onChange={typed}
        />
      );
    case 'date':
      return <input {...told} className="wb-Input" type="date" value={text} onChange={typed} />;
    default:
      return (
        <input
          {...told}
          className="wb-Input"
          type="text"
          inputMode={field.control === 'number' ? 'decimal' : undefined}
          spellCheck={false}
          autoComplete="off"
          value={text}
          onChange={typed}
        />
      );
  }
}
