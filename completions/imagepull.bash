# bash completion for imagepull: asks `imagepull __complete`, which prints one candidate a line, its description behind a
# tab, and a last line `:DIRECTIVE` with 2 for "no space after it" and 4 for "no file names instead".
# Bash takes `=` for the end of a word, so `--namespace=shop` arrives in three and is put together again.
_imagepull() {
  local line directive=0 joined=0 word
  local -a words=()
  for word in "${COMP_WORDS[@]:1:COMP_CWORD}"; do
    if [ "$joined" = 1 ] || { [ "$word" = "=" ] && [ "${#words[@]}" -gt 0 ]; }; then
      words[${#words[@]}-1]+="$word"
      if [ "$word" = "=" ]; then joined=1; else joined=0; fi
    else
      words+=("$word")
    fi
  done
  COMPREPLY=()
  while IFS= read -r line; do
    case "$line" in
      :[0-9]*) directive="${line#:}" ;;
      *)
        line="${line%%$'\t'*}"
        case "${words[${#words[@]}-1]}" in --*=*) line="${line#*=}" ;; esac
        COMPREPLY+=("$line")
        ;;
    esac
  done < <("${COMP_WORDS[0]}" __complete -- "${words[@]}" 2>/dev/null)
  if type compopt >/dev/null 2>&1; then
    if [ $((directive & 2)) -ne 0 ]; then compopt -o nospace; fi
    if [ $((directive & 4)) -ne 0 ]; then compopt +o default; fi
  fi
}
complete -o default -F _imagepull imagepull kubectl-imagepull
