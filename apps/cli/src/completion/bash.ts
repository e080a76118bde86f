/**
 * The script for bash. That of @bomb.sh/tab evaluates the line (so that Tab runs what stands in `$(…)`), needs the
 * package bash-completion, completes no files and can't be loaded twice; this one speaks the same protocol. It runs on
 * the bash 3.2 of macOS.
 */
export const BASH = `# bash completion for kafka-http-proxy

_kafka_http_proxy() {
    # Without a line, as scripts call it, there are its words.
    local line="\${COMP_WORDS[*]:0:COMP_CWORD+1}" command="\${1:-\${COMP_WORDS[0]}}" words item directive=0
    [[ -n \${COMP_LINE:-} ]] && line="\${COMP_LINE:0:COMP_POINT}"
    # bash cuts words at : and = too.
    read -ra words <<< "$line"
    [[ $line == *[[:space:]] ]] && words+=("")
    COMPREPLY=()
    while IFS= read -r item; do
        case $item in
            :[0-9]*) directive=\${item#:} ;;
            *) COMPREPLY+=("\${item%%$'\\t'*}") ;;
        esac
    done < <("\${command/#~\\//$HOME/}" complete -- "\${words[@]:1}" 2>/dev/null)
    # 4: names of files are not what is expected.
    if (( directive & 4 )) && type compopt &>/dev/null; then
        compopt +o default 2>/dev/null
    fi
}

complete -o default -F _kafka_http_proxy kafka-http-proxy
`;
