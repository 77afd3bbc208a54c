import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Sends an image many times, each followed by its number in four bytes, compressed in several ways: each way to a topic of its
 * own, partition after partition, with a header that does get smaller.
 *
 * Arguments: brokers, file of the image, how many, how many partitions, text of the header, and, for each way, the topic, the
 * codec, and the level or "-".
 */
class SendImage {
    public static void main(String[] args) throws Exception {
        byte[] image = Files.readAllBytes(Path.of(args[1]));
        int count = Integer.parseInt(args[2]);
        int partitions = Integer.parseInt(args[3]);
        for (int at = 5; at < args.length; at += 3) {
            Properties properties = new Properties();
            properties.put("bootstrap.servers", args[0]);
            properties.put("compression.type", args[at + 1]);
            if (!args[at + 2].equals("-")) {
                properties.put("compression." + args[at + 1] + ".level", args[at + 2]);
            }
            // A few of them to a batch.
            properties.put("batch.size", 4 * image.length);
            properties.put("linger.ms", 1000);
            var serializer = new ByteArraySerializer();
            try (var producer = new KafkaProducer<byte[], byte[]>(properties, serializer, serializer)) {
                for (int index = 0; index < count; index++) {
                    byte[] value = ByteBuffer.allocate(image.length + 4).put(image).putInt(index).array();
                    var record = new ProducerRecord<byte[], byte[]>(args[at], index % partitions, null, value);
                    record.headers().add("note", args[4].getBytes());
                    producer.send(record);
                }
            }
        }
    }
}
