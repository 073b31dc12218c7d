# fish completion for imagepull
function __imagepull_complete
  set -l words (commandline -opc)
  set -l typed (commandline -ct)
  set -l lines ($words[1] __complete -- $words[2..-1] "$typed" 2>/dev/null)
  set -l directive (string match -r '^:[0-9]+$' -- $lines[-1] | string sub -s 2)
  for line in $lines[1..-2]
    echo $line
  end
  if test -n "$directive"; and test (math "floor($directive / 4) % 2") -eq 0
    __fish_complete_path "$typed"
  end
end
complete -c imagepull -e
complete -c imagepull -f -a '(__imagepull_complete)'
complete -c kubectl-imagepull -f -a '(__imagepull_complete)'
