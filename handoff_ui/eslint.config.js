import prettier from 'eslint-config-prettier';
import hooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

export default tseslint.config(
  { ignores: ['dist', 'node_modules'] },
  {
    files: ['src/**/*.{ts,tsx}', 'tests/**/*.ts'],
    extends: [...tseslint.configs.strict],
    plugins: { 'react-hooks': hooks },
    rules: {
      'react-hooks/rules-of-hooks': 'error',
      'react-hooks/exhaustive-deps': 'error',
      // It runs some time after what it belongs to is shown: a key, a press or a leave that comes before it meets a page
      // whose focus, listeners or notes are those of the view before.
      'no-restricted-imports': [
        'error',
        { paths: [{ name: 'preact/hooks', importNames: ['useEffect'], message: 'Use useLayoutEffect.' }] },
      ],
      'no-restricted-syntax': [
        'error',
        // Model text is hostile (security row H2): nothing of it may ever become markup.
        { selector: 'JSXAttribute[name.name="dangerouslySetInnerHTML"]', message: 'Render text nodes only.' },
        {
          selector: 'MemberExpression[property.name=/^(innerHTML|outerHTML|insertAdjacentHTML)$/]',
          message: 'Render text nodes only.',
        },
        { selector: 'JSXAttribute[name.name="style"]', message: 'Use a class; inline style is refused by the CSP.' },
      ],
    },
  },
  prettier,
);
