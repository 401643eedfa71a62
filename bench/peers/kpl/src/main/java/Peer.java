import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import com.google.common.util.concurrent.FutureCallback;
import com.google.common.util.concurrent.Futures;
import com.google.common.util.concurrent.MoreExecutors;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.kinesis.producer.KinesisProducer;
import software.amazon.kinesis.producer.KinesisProducerConfiguration;
import software.amazon.kinesis.producer.UserRecordResult;

/**
 * The Kinesis Producer Library as an application calls it: addUserRecord, default aggregation and buffering. TLS is its only
 * transport; its limiter is opened, since the sink has no limits. See ../run.mjs and ../load.mjs.
 */
public final class Peer {
  private static final int OUTSTANDING_MAX = 20_000;

  public static void main(String[] words) throws Exception {
    List<String> keys = Files.readAllLines(Path.of(System.getenv("KEYS_FILE")));
    byte[] payload = "x".repeat(Integer.parseInt(System.getenv("BYTES"))).getBytes(StandardCharsets.UTF_8);
    long warmUpMs = Long.parseLong(System.getenv("WARM_UP_MS"));
    long endMs = warmUpMs + Long.parseLong(System.getenv("MEASURED_MS"));
    String[] endpoint = System.getenv("TLS_ENDPOINT").replaceFirst("^https://", "").split(":");
    KinesisProducerConfiguration configuration = new KinesisProducerConfiguration()
        .setKinesisEndpoint(endpoint[0])
        .setKinesisPort(Long.parseLong(endpoint[1].replaceAll("\\D", "")))
        .setRegion("us-east-1")
        .setVerifyCertificate(false)
        .setMetricsLevel("none")
        .setLogLevel("warning")
        .setRateLimit(1_000_000)
        .setThreadingModel(KinesisProducerConfiguration.ThreadingModel.POOLED)
        .setThreadPoolSize(8)
        .setAggregationEnabled(!"plain".equals(System.getenv("MODE")))
        .setCredentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create("bench", "bench")));
    KinesisProducer producer = new KinesisProducer(configuration);
    AtomicLong accepted = new AtomicLong();
    FutureCallback<UserRecordResult> counts = new FutureCallback<>() {
      @Override
      public void onSuccess(UserRecordResult result) {
        accepted.incrementAndGet();
      }

      @Override
      public void onFailure(Throwable failure) {
        failure.printStackTrace();
        Runtime.getRuntime().halt(1);
      }
    };
    long began = System.nanoTime();
    boolean hasStarted = false;
    for (int i = 0;; i++) {
      if (i % 64 == 0) {
        long elapsedMs = (System.nanoTime() - began) / 1_000_000;
        if (!hasStarted && elapsedMs >= warmUpMs) {
          hasStarted = true;
          System.out.println("start " + accepted.get());
        }
        if (elapsedMs >= endMs) {
          System.out.println("end " + accepted.get());
          break;
        }
        while (producer.getOutstandingRecordsCount() > OUTSTANDING_MAX) {
          Thread.sleep(1);
        }
      }
      Futures.addCallback(
          producer.addUserRecord("bench", keys.get(i % keys.size()), ByteBuffer.wrap(payload)),
          counts,
          MoreExecutors.directExecutor());
    }
    System.out.flush();
    producer.destroy();
    System.exit(0);
  }
}
