# SPDX-License-Identifier: MIT OR Apache-2.0
# shellcheck shell=bash
#
# rtmalloc.bash - how bash completes the command rtmalloc
#
# The command knows its verbs and options best, so it is asked: each --help
# lists them, two blanks in.

# _rtmalloc_help COMMAND...: the verbs and options of a help, with "=" where
# they take a value.
_rtmalloc_help()
{
	"$@" --help 2>/dev/null | sed -n -e 's/^  \([a-z][a-z]*\) .*/\1/p' \
		-e 's/^  *\(-[a-zA-Z]\), \(--[a-z-]*=\{0,1\}\).*/\1\n\2/p' \
		-e 's/^      \(--[a-z-]*=\{0,1\}\).*/\1/p'
}

# _rtmalloc_program FIRST: the words from there on are a command of its own.
_rtmalloc_program()
{
	if declare -F _command_offset >/dev/null; then
		_command_offset "$1"
	elif test "$COMP_CWORD" -eq "$1"; then
		mapfile -t COMPREPLY < <(compgen -c -- "$current")
	else
		mapfile -t COMPREPLY < <(compgen -f -- "$current")
	fi
}

# _rtmalloc_words WORDS: those that go on from what is typed.
_rtmalloc_words()
{
	mapfile -t COMPREPLY < <(compgen -W "$1" -- "$current")
	if test "${#COMPREPLY[@]}" -eq 1 && test "${COMPREPLY[0]%=}" != \
		"${COMPREPLY[0]}"; then
		compopt -o nospace
	fi
}

_rtmalloc()
{
	local command=${COMP_WORDS[0]} verb=${COMP_WORDS[1]}
	local current=${COMP_WORDS[COMP_CWORD]}
	local before=${COMP_WORDS[COMP_CWORD - 1]}
	local i

	COMPREPLY=()
	if test "$COMP_CWORD" -eq 1; then
		_rtmalloc_words "$(_rtmalloc_help "$command")"
		return
	fi

	# bash takes "=" for a word of its own.
	if test "$current" = = && test "${before#--}" != "$before"; then
		before="$before=" current=
	elif test "$before" = = && test "$COMP_CWORD" -gt 2; then
		before=${COMP_WORDS[COMP_CWORD - 2]}=
	fi
	case $before in
	-c | -o | --config= | --output=)
		compopt -o filenames
		mapfile -t COMPREPLY < <(compgen -f -- "$current")
		return ;;
	-s | --signal=)
		_rtmalloc_words "HUP INT QUIT USR1 USR2 TERM WINCH"
		return ;;
	--objective=)
		_rtmalloc_words "memory speed balanced"
		return ;;
	--optimizer=)
		_rtmalloc_words "exact greedy"
		return ;;
	-w | --weight= | --*=)
		return ;;
	esac

	# The program of run and record, behind their options.
	case $verb in
	run | record)
		for ((i = 2; i < COMP_CWORD; i++)); do
			case ${COMP_WORDS[i]} in
			--)
				_rtmalloc_program $((i + 1))
				return ;;
			-c | -o | -s)
				i=$((i + 1)) ;;
			-*)
				test "${COMP_WORDS[i + 1]}" != = ||
					i=$((i + 2)) ;;
			*)
				_rtmalloc_program "$i"
				return ;;
			esac
		done ;;
	esac

	case $current in
	-*)
		_rtmalloc_words "$(_rtmalloc_help "$command" "$verb")"
		return ;;
	esac
	case $verb in
	run | record)
		_rtmalloc_program "$COMP_CWORD" ;;
	config)
		if test "$COMP_CWORD" -eq 2; then
			_rtmalloc_words "check show"
		else
			compopt -o filenames
			mapfile -t COMPREPLY < <(compgen -f -- "$current")
		fi ;;
	*)
		compopt -o filenames
		mapfile -t COMPREPLY < <(compgen -f -- "$current") ;;
	esac
}

complete -F _rtmalloc rtmalloc
