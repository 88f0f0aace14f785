/* A process of its own waits for the end of the input, and ends the loop then: the loop itself pays nothing for it. */
#include <signal.h>
#include <unistd.h>

static void end_with_input(void)
{
    pid_t loop = getpid();
    if (fork() == 0)
    {
        char byte;
        while (read(0, &byte, 1) > 0)
        {
        }

        if (getppid() == loop)
        {
            kill(loop, SIGKILL);
        }

        _exit(0);
    }
}
